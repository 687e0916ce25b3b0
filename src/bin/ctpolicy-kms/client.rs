//! The AWS client.

use std::error::Error;

use aws_config::retry::RetryConfig;
use aws_config::{Region, SdkConfig};
use aws_sdk_kms::Client;
use aws_sdk_kms::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_kms::primitives::DateTimeFormat;
use aws_sdk_kms::types::{KeyManagerType, KeyMetadata, KeySpec, KeyState, MultiRegionKey};
use ctpolicy::policy::{KeyArn, KeyFacts, KeyName, RegionPattern};
use ctpolicy::source::SourceError;
use ctpolicy::source::kms::{Api, Call, KmsError, Problem, Settings};
use tokio::runtime::{Builder, Runtime};
use tracing::debug;

use crate::{config, error};

/// The only name that a key's policy has.
const POLICY_NAME: &str = "default";

/// A runtime and the AWS configuration.
#[derive(Debug)]
pub(super) struct AwsClient {
    runtime: Runtime,
    config: SdkConfig,
    endpoint_url: Option<String>,
    profile: Option<String>,
}

impl AwsClient {
    pub fn new(settings: &Settings) -> Result<Self, String> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(|error| {
                let action = "start the AWS client".to_owned();
                SourceError::Io { action, error }.to_string()
            })?;
        let config = config::load(&runtime, settings)?;
        Ok(Self {
            runtime,
            config,
            endpoint_url: settings.endpoint_url.clone(),
            profile: settings.profile.clone(),
        })
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
        let mut config =
            aws_sdk_kms::config::Builder::from(&self.config).region(Region::new(region.to_owned()));
        // For KMS alone: the credentials may come from another service.
        if let Some(url) = &self.endpoint_url {
            config = config.endpoint_url(url);
        }
        Ok(Client::from_conf(config.build()))
    }

    fn error<E>(&self, call: Call, key: Option<&KeyArn>, error: &SdkError<E>) -> KmsError
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let mut error = error::of_sdk(call, key, error);
        if let (Problem::NoCredentials(why), Some(profile)) = (&mut error.problem, &self.profile) {
            *why = format!("{why} in profile {profile:?}");
        }
        error
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
            let output = sent.await.map_err(|error| self.error(call, arn, &error))?;
            let facts = output.key_metadata().and_then(facts).ok_or(KmsError {
                call,
                problem: Problem::Other("KMS tells no ARN".to_owned()),
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
            .map_err(|error| self.error(call, Some(key), &error))?;
        Ok(output.policy().unwrap_or_default().to_owned())
    }

    fn put_once(&self, key: &KeyArn, policy: &str) -> Result<(), KmsError> {
        let call = Call::PutKeyPolicy;
        let client = self.client(call, Some(&key.region))?;
        debug!(%key, bytes = policy.len(), "PutKeyPolicy");
        let put = client.put_key_policy().key_id(key.to_string());
        let once = aws_sdk_kms::config::Builder::new().retry_config(RetryConfig::disabled());
        let put = put.policy_name(POLICY_NAME).policy(policy).customize();
        self.runtime
            .block_on(put.config_override(once).send())
            .map(|_| ())
            .map_err(|error| self.error(call, Some(key), &error))
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
