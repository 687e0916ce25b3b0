//! The AWS configuration: Region, credentials, retries.

use std::panic;
use std::time::Duration;

use aws_config::default_provider::region::DefaultRegionChain;
use aws_config::ecs::EcsCredentialsProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use ctpolicy::report::escape::one_line;
use ctpolicy::source::kms::Settings;
use tokio::runtime::Runtime;

/// How long one attempt at a call may take; KMS answers in milliseconds.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(20);

/// Reads the configuration as the AWS CLI does.
///
/// # Errors
/// What is wrong with it, and the help. `aws-config` panics on settings for
/// retries that it cannot read, which is caught here.
pub(super) fn load(runtime: &Runtime, settings: &Settings) -> Result<SdkConfig, String> {
    let settings = settings.clone();
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let loaded = runtime.block_on(runtime.spawn(async move { load_config(&settings).await }));
    panic::set_hook(hook);
    loaded.map_err(|error| {
        let why = match error.try_into_panic() {
            Ok(payload) => {
                let text = payload.downcast_ref::<String>();
                let first = text.and_then(|text| text.split(" (").next());
                first.unwrap_or("it cannot be read").to_owned()
            }
            Err(error) => error.to_string(),
        };
        let why = one_line(&why);
        format!("the AWS configuration: {why}\n  help: look at AWS_MAX_ATTEMPTS, AWS_RETRY_MODE and ~/.aws/config")
    })
}

async fn load_config(settings: &Settings) -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .build();
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).timeout_config(timeouts);
    if let Ok(name) = AppName::new("ctpolicy") {
        loader = loader.app_name(name);
    }
    if let Some(region) = &settings.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(profile) = &settings.profile {
        loader = loader
            .profile_name(profile)
            .credentials_provider(of_profile(profile, settings.region.as_deref()).await);
    }
    loader.load().await
}

/// As for the AWS CLI, a profile that is named goes before credentials in the
/// environment, and the machine's own come last.
///
/// <https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html>
async fn of_profile(profile: &str, region: Option<&str>) -> CredentialsProviderChain {
    let region = if let Some(region) = region {
        Some(Region::new(region.to_owned()))
    } else {
        let chain = DefaultRegionChain::builder().profile_name(profile).build();
        chain.region().await
    };
    let config = ProviderConfig::without_region().with_region(region);
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
