//! The AWS client.

use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use aws_config::identity::IdentityCache;
use aws_config::retry::RetryConfig;
use aws_config::{Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use aws_sdk_kms::Client;
use aws_sdk_kms::operation::RequestId;
use aws_sdk_kms::primitives::DateTimeFormat;
use aws_sdk_kms::types::{KeyManagerType, KeyMetadata, KeySpec, KeyState, MultiRegionKey};
use ctpolicy::policy::{KeyArn, KeyFacts, KeyName, RegionPattern};
use ctpolicy::report::{self, escape::one_line};
use ctpolicy::source::kms::{Api, Call, KmsError, Problem, Settings};
use tokio::runtime::Runtime;
use tokio::time::timeout;
use tracing::debug;

use crate::{config, error};

/// The only name that a key's policy has.
const POLICY_NAME: &str = "default";

/// How long credentials may take: a person may have to type a code for them.
const CREDENTIALS_TIMEOUT: Duration = Duration::from_mins(10);
/// After which time it is said what is waited for.
const CREDENTIALS_PAUSE: Duration = Duration::from_secs(2);
/// Credentials that expire within this time are looked for anew.
const CREDENTIALS_MARGIN: Duration = Duration::from_secs(10);

/// A runtime and the AWS configuration.
#[derive(Debug)]
pub(super) struct AwsClient {
    runtime: Runtime,
    config: SdkConfig,
    endpoint_url: Option<String>,
    profile: Option<String>,
    credentials: Mutex<Option<Result<Credentials, Problem>>>,
}

impl AwsClient {
    pub fn new(settings: &Settings) -> Result<Self, String> {
        let (runtime, config) = config::load(settings)?;
        let client = Self {
            runtime,
            config,
            endpoint_url: settings.endpoint_url.clone(),
            profile: settings.profile.clone(),
            credentials: Mutex::default(),
        };
        // Before anything else is on the terminal.
        if let Err(problem) = client.credentials() {
            let help = problem.help(Call::DescribeKey).unwrap_or_default();
            let why = one_line(&problem.to_string());
            return Err(format!("{why}\n  help: {help}"));
        }
        Ok(client)
    }

    /// The credentials. They are looked for once, by whoever comes first, and
    /// not within a call: its time is too short for a person to type a code.
    fn credentials(&self) -> Result<Credentials, Problem> {
        let mut kept = self
            .credentials
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let soon = SystemTime::now() + CREDENTIALS_MARGIN;
        match kept.as_ref() {
            Some(Ok(credentials)) if credentials.expiry().is_some_and(|end| end < soon) => {}
            Some(found) => return found.clone(),
            None => {}
        }
        let found = self.runtime.block_on(self.find_credentials());
        kept.insert(found).clone()
    }

    async fn find_credentials(&self) -> Result<Credentials, Problem> {
        let of_profile = match &self.profile {
            Some(profile) => format!(" in profile {profile:?}"),
            None => String::new(),
        };
        let missing = |why: &str| Problem::NoCredentials(format!("{why}{of_profile}"));
        let Some(provider) = self.config.credentials_provider() else {
            return Err(missing("none are found"));
        };
        let mut credentials = pin!(provider.provide_credentials());
        let mut found = timeout(CREDENTIALS_PAUSE, &mut credentials).await;
        if found.is_err() {
            let words =
                "waits for credentials: a login or a credential_process may ask for something";
            report::say(&report::note(words));
            found = timeout(CREDENTIALS_TIMEOUT, credentials).await;
        }
        found
            .map_err(|_| missing("they do not come"))?
            .map_err(|error| missing(&error::of_credentials(&error)))
    }

    /// The client for a Region, else for the configured one. The connections
    /// and the credentials are shared between them.
    fn client(&self, call: Call, region: Option<&str>) -> Result<Client, KmsError> {
        let region = match region {
            Some(region) => region,
            None => self.config.region().map_or("", Region::as_ref),
        };
        if !region
            .parse::<RegionPattern>()
            .is_ok_and(|own| own.literal().is_some())
        {
            let problem = Problem::NoRegion(region.to_owned());
            return Err(KmsError { call, problem });
        }
        let credentials = self.credentials();
        let credentials = credentials.map_err(|problem| KmsError { call, problem })?;
        let mut config = aws_sdk_kms::config::Builder::from(&self.config)
            .region(Region::new(region.to_owned()))
            .credentials_provider(credentials)
            .identity_cache(IdentityCache::no_cache());
        // For KMS alone: the credentials may come from another service.
        if let Some(url) = &self.endpoint_url {
            config = config.endpoint_url(url);
        }
        Ok(Client::from_conf(config.build()))
    }
}

impl Api for AwsClient {
    fn max_attempts(&self) -> u32 {
        self.config
            .retry_config()
            .map_or(1, RetryConfig::max_attempts)
    }

    fn describe(
        &self,
        region: Option<&str>,
        name: &KeyName,
    ) -> Result<(KeyFacts, Vec<String>), KmsError> {
        let call = Call::DescribeKey;
        let client = self.client(call, region)?;
        let arn = match name {
            KeyName::Arn(arn) => Some(arn),
            KeyName::Id(_) | KeyName::Alias(_) => None,
        };
        debug!(key = %name, region, "DescribeKey");
        self.runtime.block_on(async {
            let sent = client.describe_key().key_id(name.to_string()).send();
            let output = sent
                .await
                .map_err(|error| error::of_sdk(call, arn, &error))?;
            let facts = output.key_metadata().and_then(facts).ok_or(KmsError {
                call,
                problem: Problem::NotKms("it tells no ARN".to_owned()),
            })?;
            if matches!(name, KeyName::Alias(_)) || arn.is_some_and(|arn| arn.key_id().is_none()) {
                return Ok((facts, Vec::new()));
            }
            // For the title alone: whoever may not list aliases sees none.
            debug!(key = %facts.arn, "ListAliases");
            let aliases = client.list_aliases().key_id(facts.arn.to_string()).send();
            let aliases = aliases.await.map(|output| {
                let names = output.aliases().iter().filter_map(|a| a.alias_name());
                names.map(str::to_owned).collect()
            });
            Ok((facts, aliases.unwrap_or_default()))
        })
    }

    fn get(&self, key: &KeyArn) -> Result<String, KmsError> {
        let call = Call::GetKeyPolicy;
        let client = self.client(call, Some(&key.region))?;
        debug!(%key, "GetKeyPolicy");
        let sent = client
            .get_key_policy()
            .key_id(key.to_string())
            .policy_name(POLICY_NAME)
            .send();
        let output = self
            .runtime
            .block_on(sent)
            .map_err(|error| error::of_sdk(call, Some(key), &error))?;
        let policy = output.policy().map(str::to_owned);
        policy.ok_or_else(|| {
            let problem = Problem::NotKms("it holds no policy".to_owned());
            KmsError { call, problem }
        })
    }

    fn put_once(&self, key: &KeyArn, policy: &str) -> Result<(), KmsError> {
        let call = Call::PutKeyPolicy;
        let client = self.client(call, Some(&key.region))?;
        debug!(%key, bytes = policy.len(), "PutKeyPolicy");
        let put = client.put_key_policy().key_id(key.to_string());
        let once = aws_sdk_kms::config::Builder::new().retry_config(RetryConfig::disabled());
        let put = put.policy_name(POLICY_NAME).policy(policy).customize();
        let answered = self.runtime.block_on(put.config_override(once).send());
        let answer = answered.map_err(|error| error::of_sdk(call, Some(key), &error))?;
        // The answer has no content to tell it by.
        if answer.request_id().is_none() {
            let problem = Problem::NotKms("it has no request ID".to_owned());
            return Err(KmsError { call, problem });
        }
        Ok(())
    }
}

fn facts(metadata: &KeyMetadata) -> Option<KeyFacts> {
    let arn: KeyArn = metadata.arn()?.parse().ok()?;
    let set = metadata.multi_region_configuration();
    let parse = |key: &MultiRegionKey| key.arn()?.parse::<KeyArn>().ok();
    let primary = set.and_then(|set| parse(set.primary_key()?));
    let is_replica = primary.as_ref().is_some_and(|primary| *primary != arn);
    let replicas = set.map_or(&[][..], |set| set.replica_keys());
    let siblings = primary
        .into_iter()
        .chain(replicas.iter().filter_map(parse))
        .filter(|sibling| *sibling != arn)
        .collect();
    let text = |value: Option<&str>, default: &str| value.unwrap_or(default).to_owned();
    Some(KeyFacts {
        arn,
        state: text(metadata.key_state().map(KeyState::as_str), "Enabled"),
        deletion: metadata
            .deletion_date()
            .and_then(|date| date.fmt(DateTimeFormat::DateTime).ok()),
        is_aws_managed: metadata.key_manager() == Some(&KeyManagerType::Aws),
        spec: text(
            metadata.key_spec().map(KeySpec::as_str),
            "SYMMETRIC_DEFAULT",
        ),
        is_replica,
        siblings,
    })
}
