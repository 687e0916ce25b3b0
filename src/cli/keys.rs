//! Arguments about live keys.

use std::path::PathBuf;

use clap::Args;

use crate::policy::{KeyName, RegionPattern};
use crate::source::Argument;
use crate::source::kms::{Connect, Live, Settings, Wanted};

const HEADING: &str = "Live keys";

/// Which live keys, and how they are reached.
#[derive(Debug, Args)]
pub struct KeyArgs {
    /// A key in KMS, instead of or beside POLICY: a key ID, a key's ARN,
    /// alias/NAME or an alias's ARN; may be given several times
    #[arg(help_heading = HEADING, long = "key", value_name = "KEY")]
    keys: Vec<KeyName>,

    /// The Region of keys that are not named by ARN
    /// [default: that of the AWS configuration]
    #[arg(help_heading = HEADING, long, value_name = "REGION", value_parser = region)]
    region: Option<String>,

    /// The profile in the AWS configuration and credentials files
    #[arg(help_heading = HEADING, long, value_name = "NAME")]
    profile: Option<String>,

    /// Where KMS listens, if not at its own address
    #[arg(help_heading = HEADING, long, value_name = "URL")]
    endpoint_url: Option<String>,

    /// With a multi-Region key, take the primary key and every replica, each
    /// in its Region
    #[arg(help_heading = HEADING, long)]
    replicas: bool,
}

/// How live keys are edited.
#[derive(Debug, Default, Args)]
pub struct KeyEditArgs {
    /// Save the old policy below this directory before a new one is put
    /// [default: ctpolicy in the user's state directory]
    #[arg(help_heading = HEADING, long, value_name = "DIR")]
    backup_dir: Option<PathBuf>,
}

impl KeyArgs {
    /// The keys as arguments of a command that edits them so.
    ///
    /// # Errors
    /// If the arguments do not go together, or KMS cannot be connected to.
    pub fn arguments(
        &self,
        edit: &KeyEditArgs,
        connect: &Connect,
    ) -> Result<Vec<Argument>, String> {
        if self.keys.is_empty() {
            return self.without_keys();
        }
        self.endpoint_url.as_deref().map_or(Ok(()), check_url)?;
        if let Some(region) = &self.region {
            for key in &self.keys {
                if let KeyName::Arn(arn) = key
                    && arn.region != *region
                {
                    return Err(format!("{arn} is not in --region {region}"));
                }
            }
        }
        // Where an ARN tells the Region, no configuration is asked for it.
        let of_arn = self.keys.iter().find_map(|key| match key {
            KeyName::Arn(arn) => Some(arn.region.clone()),
            KeyName::Id(_) | KeyName::Alias(_) => None,
        });
        let all_arns = self.keys.iter().all(|key| matches!(key, KeyName::Arn(_)));
        let settings = Settings {
            region: self.region.clone().or(of_arn.filter(|_| all_arns)),
            profile: self.profile.clone(),
            endpoint_url: self.endpoint_url.clone(),
            replicas: self.replicas,
            backup_dir: edit.backup_dir.clone(),
        };
        let live = Live::new(settings, connect)?;
        let key = |name: &KeyName| Argument::Key(Wanted::new(&live, name.clone()));
        Ok(self.keys.iter().map(key).collect())
    }

    fn without_keys(&self) -> Result<Vec<Argument>, String> {
        if self.region.is_some() {
            return Err("--region is that of a live key, with --key\n  help: for the trails of one Region: --trail-region".to_owned());
        }
        for (given, option) in [
            (self.profile.is_some(), "--profile"),
            (self.endpoint_url.is_some(), "--endpoint-url"),
            (self.replicas, "--replicas"),
        ] {
            if given {
                return Err(format!("{option} is for live keys, with --key"));
            }
        }
        Ok(Vec::new())
    }
}

fn region(text: &str) -> Result<String, String> {
    let pattern: RegionPattern = text.parse().map_err(|error| format!("{error}"))?;
    match pattern.literal() {
        Some(region) => Ok(region.to_owned()),
        None => Err("a key is in one Region, and this is a pattern".to_owned()),
    }
}

/// Not a value parser of clap's: its error would show the password.
fn check_url(url: &str) -> Result<(), String> {
    let rest = ["http://", "https://"]
        .iter()
        .find_map(|scheme| url.strip_prefix(scheme));
    match rest.and_then(|rest| rest.split('/').next()) {
        // It is printed with the command that puts a policy back.
        _ if url.contains('@') => Err("--endpoint-url holds no user and no password".to_owned()),
        Some(host) if !host.is_empty() => Ok(()),
        _ => Err("--endpoint-url starts with https:// or http://, and a host follows".to_owned()),
    }
}
