//! The AWS configuration: profile, Region, credentials, certificates, retries.

use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::time::Duration;
use std::{env, fs, io};

use aws_config::default_provider::region::DefaultRegionChain;
use aws_config::ecs::EcsCredentialsProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::profile::{self, ProfileFileCredentialsProvider, ProfileSet};
use aws_config::provider_config::ProviderConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_sdk_kms::config::SharedHttpClient;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, ConnectorBuilder};
use ctpolicy::report::escape::one_line;
use ctpolicy::source::SourceError;
use ctpolicy::source::kms::Settings;
use tokio::runtime::{self, Runtime};

/// How long one attempt at a call may take; KMS answers in milliseconds.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(20);

/// Longer than any run.
const WHOLE_RUN: Duration = Duration::from_hours(24);

/// Where a certificate begins in a PEM file.
const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";

/// Starts what the AWS client runs on, and reads the configuration as the AWS
/// CLI does.
///
/// # Errors
/// What is wrong with it, and the help. `aws-config` panics on settings for
/// retries that it cannot read, and `tokio` where there is no thread to be had.
pub(super) fn load(settings: &Settings) -> Result<(Runtime, SdkConfig), String> {
    // One thread, which keeps the connections: where there are more, and one is
    // not to be had, `tokio` waits for the others for ever.
    let start = || {
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_keep_alive(WHOLE_RUN)
            .enable_all()
            .build()?;
        // And one that asks the resolver: looked for when a name comes up, and
        // not to be had, it is a panic there.
        runtime.spawn_blocking(|| ());
        Ok(runtime)
    };
    let started = without_panic(start)
        .and_then(|built: io::Result<_>| built.map_err(|error| error.to_string()));
    let runtime = started.map_err(|why| {
        let why = one_line(&why);
        format!(
            "cannot start the AWS client: {why}\n  help: look at the limit of processes: ulimit -u"
        )
    })?;
    let profile = profile(&runtime, settings)?;
    let bundle = variable("AWS_CA_BUNDLE").or_else(|| profile.get("ca_bundle").map(str::to_owned));
    let http_client = bundle.as_deref().map(trusting).transpose()?;
    let loaded = without_panic(|| runtime.block_on(load_config(settings, http_client)));
    match loaded {
        Ok(config) => Ok((runtime, config)),
        Err(why) => {
            let why = one_line(&why);
            Err(format!(
                "the AWS configuration: {why}\n  help: look at AWS_MAX_ATTEMPTS, AWS_RETRY_MODE and ~/.aws/config"
            ))
        }
    }
}

/// What a function returns, or why it panics.
fn without_panic<T>(f: impl FnOnce() -> T) -> Result<T, String> {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let returned = catch_unwind(AssertUnwindSafe(f));
    panic::set_hook(hook);
    returned.map_err(|payload| {
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text.or(payload.downcast_ref::<&str>().copied());
        let first = text.and_then(|text| text.split(" (").next());
        first.unwrap_or("it fails").to_owned()
    })
}

/// An environment variable that says something.
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// The profile that counts. One that is named and is not there is an error,
/// before credentials are looked for elsewhere: they may be another account's.
fn profile(runtime: &Runtime, settings: &Settings) -> Result<ProfileSet, String> {
    let (fs, environment, files) = Default::default();
    let named = settings.profile.clone().or_else(|| variable("AWS_PROFILE"));
    let selected = named.clone().unwrap_or_else(|| "default".to_owned());
    let loaded = profile::load(&fs, &environment, &files, Some(selected.into()));
    match (runtime.block_on(loaded), named) {
        (Ok(set), Some(name)) if set.get_profile(&name).is_none() => {
            let mut others: Vec<String> = set.profiles().map(|name| format!("{name:?}")).collect();
            others.sort_unstable();
            let others = if others.is_empty() {
                "there are none".to_owned()
            } else {
                format!("there are {}", one_line(&others.join(", ")))
            };
            let name = one_line(&name);
            Err(format!(
                "no profile \"{name}\" is in the AWS configuration files\n  help: {others}"
            ))
        }
        (Ok(set), _) => Ok(set),
        (Err(error), Some(_)) => {
            let why = one_line(&error.to_string());
            Err(format!("the AWS configuration files: {why}"))
        }
        (Err(_), None) => Ok(ProfileSet::default()),
    }
}

/// What speaks HTTPS, and trusts the certificates in this file alone, as for the
/// AWS CLI.
///
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-gen-config.html>
fn trusting(bundle: &str) -> Result<SharedHttpClient, String> {
    let wrong = |error: io::Error| {
        let action = format!("read the certificates in {}", one_line(bundle));
        let error = SourceError::Io { action, error };
        format!("{error}\n  help: AWS_CA_BUNDLE, or ca_bundle in ~/.aws/config, names a PEM file")
    };
    let pem = fs::read(bundle).map_err(wrong)?;
    if !pem.windows(BEGIN.len()).any(|part| part == BEGIN) {
        return Err(wrong(io::Error::other("there are none")));
    }
    let trusted = TrustStore::empty().with_pem_certificate(pem);
    let context = TlsContext::builder().with_trust_store(trusted).build();
    let context = context.map_err(|error| wrong(io::Error::other(error)))?;
    let connector = move || {
        ConnectorBuilder::default()
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .tls_context(context.clone())
            .proxy_config(ProxyConfig::from_env())
    };
    // The certificates are looked at here for the first time.
    without_panic(|| connector().build())
        .map_err(|_| wrong(io::Error::other("one of them is none")))?;
    // Hidden in its documentation, as it is what the default client is built
    // with; the others that there are take no proxy.
    Ok(
        Builder::new().build_with_connector_fn(move |settings, components| {
            let mut connector = connector();
            connector.set_connector_settings(settings.cloned());
            if let Some(components) = components {
                connector.set_sleep_impl(components.sleep_impl());
            }
            connector.build()
        }),
    )
}

async fn load_config(settings: &Settings, http_client: Option<SharedHttpClient>) -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .build();
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).timeout_config(timeouts);
    if let Some(client) = &http_client {
        loader = loader.http_client(client.clone());
    }
    if let Ok(name) = AppName::new("ctpolicy") {
        loader = loader.app_name(name);
    }
    if let Some(region) = &settings.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(profile) = &settings.profile {
        let chain = of_profile(profile, settings.region.as_deref(), http_client).await;
        loader = loader.profile_name(profile).credentials_provider(chain);
    } else if variable("AWS_PROFILE").is_none() {
        // It may be empty, which names none.
        loader = loader.profile_name("default");
    }
    loader.load().await
}

/// As for the AWS CLI, a profile that is named goes before credentials in the
/// environment, and the machine's own come last.
///
/// <https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html>
async fn of_profile(
    profile: &str,
    region: Option<&str>,
    http_client: Option<SharedHttpClient>,
) -> CredentialsProviderChain {
    let region = if let Some(region) = region {
        Some(Region::new(region.to_owned()))
    } else {
        let chain = DefaultRegionChain::builder().profile_name(profile).build();
        chain.region().await
    };
    let mut config = ProviderConfig::without_region().with_region(region);
    if let Some(client) = http_client {
        config = config.with_http_client(client);
    }
    let own = ProfileFileCredentialsProvider::builder()
        .configure(&config)
        .profile_name(profile)
        .build();
    let container = EcsCredentialsProvider::builder().configure(&config).build();
    // Its profile is the machine's role, and none of the configuration file.
    let instance = ImdsCredentialsProvider::builder()
        .configure(&config)
        .build();
    CredentialsProviderChain::first_try("Profile", own)
        .or_else("EcsContainer", container)
        .or_else("Ec2InstanceMetadata", instance)
}
