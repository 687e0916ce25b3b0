//! Live keys: the policy as KMS holds it.
//!
//! KMS has no version of a policy and no condition on the old one: a put
//! replaces the whole. So the policy is read again right before the put, and
//! afterwards until the change shows.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html>

mod api;
mod backup;
mod commit;
pub(super) mod error;
mod settings;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use super::commit::{Attempt, Commit, Saved, Step};
use super::error::SourceError;
use crate::policy::{Finding, KeyArn, KeyFacts, KeyName};
pub use api::{Api, Connect};
use backup::Backups;
use commit::Put;
pub use error::{Call, KmsError, Problem};
pub use settings::Settings;

/// The AWS configuration, credentials and connections, shared by all keys.
#[derive(Debug)]
pub struct Live {
    settings: Settings,
    api: Box<dyn Api>,
}

impl Live {
    /// Connects to KMS.
    ///
    /// # Errors
    /// Those of `connect`.
    pub fn new(settings: Settings, connect: &Connect) -> Result<Arc<Self>, String> {
        let api = connect(&settings)?;
        Ok(Arc::new(Self { settings, api }))
    }
}

/// A key as it is asked for.
#[derive(Debug, Clone)]
pub struct Wanted {
    live: Arc<Live>,
    name: KeyName,
}

impl Wanted {
    pub fn new(live: &Arc<Live>, name: KeyName) -> Self {
        Self {
            live: Arc::clone(live),
            name,
        }
    }

    pub fn name(&self) -> String {
        self.name.to_string()
    }

    /// Looks the key up, and with `replicas` the other keys of its
    /// multi-Region set, the primary one first. Each that cannot be asked for
    /// comes with its name and the error.
    pub fn locate(&self) -> Vec<Result<Key, (String, SourceError)>> {
        let find = |name: &KeyName| {
            let label = name.to_string();
            self.key(name).map_err(|error| (label, error))
        };
        let key = match find(&self.name) {
            Ok(key) if self.live.settings.replicas => key,
            other => return vec![other],
        };
        let siblings = key.facts.siblings.iter().cloned().map(KeyName::Arn);
        let mut keys: Vec<_> = siblings.map(|sibling| find(&sibling)).collect();
        let at = usize::from(key.facts.is_replica);
        keys.insert(at.min(keys.len()), Ok(key));
        keys
    }

    fn key(&self, name: &KeyName) -> Result<Key, SourceError> {
        let region = match name {
            KeyName::Arn(arn) => Some(arn.region.as_str()),
            KeyName::Id(_) | KeyName::Alias(_) => None,
        };
        let (facts, aliases) = self.live.api.describe(region, name)?;
        let alias = match name {
            KeyName::Alias(alias) => Some(alias.clone()),
            KeyName::Arn(arn) if arn.key_id().is_none() => Some(arn.resource.clone()),
            _ => aliases.into_iter().next(),
        };
        Ok(Key {
            live: Arc::clone(&self.live),
            facts,
            alias,
            label: name.to_string(),
        })
    }
}

/// A key that was found.
#[derive(Debug, Clone)]
pub struct Key {
    live: Arc<Live>,
    facts: KeyFacts,
    alias: Option<String>,
    label: String,
}

impl Key {
    /// The key as it was named.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Its ARN and its alias.
    pub fn title(&self) -> String {
        match &self.alias {
            Some(alias) => format!("{} ({alias})", self.facts.arn),
            None => self.facts.arn.to_string(),
        }
    }

    /// Its name, its account and its Region: short enough for a line.
    pub fn place(&self) -> String {
        let arn = &self.facts.arn;
        let name = if self.label.starts_with("arn:") {
            let id = arn.key_id().unwrap_or(&arn.resource);
            self.alias.as_deref().unwrap_or(id)
        } else {
            &self.label
        };
        format!("{name} in {}, {}", arn.account, arn.region)
    }

    pub fn arn(&self) -> &KeyArn {
        &self.facts.arn
    }

    /// What its own state means.
    pub fn findings(&self, will_edit: bool) -> Vec<Finding> {
        let mut findings = self.facts.findings(will_edit);
        findings.extend(self.facts.left_alone());
        findings
    }

    /// These keys are taken too: they are not left alone.
    pub fn go_with(&mut self, taken: &HashSet<String>) {
        let is_left = |sibling: &KeyArn| !taken.contains(&sibling.to_string());
        self.facts.siblings.retain(is_left);
    }

    /// The policy's bytes.
    ///
    /// # Errors
    /// If KMS does not give it.
    pub fn read(&self) -> Result<Vec<u8>, SourceError> {
        Ok(self.live.api.get(&self.facts.arn)?.into_bytes())
    }

    /// The arguments that name it to a command.
    pub fn arguments(&self) -> Vec<String> {
        let mut words = vec!["--key".to_owned(), self.facts.arn.to_string()];
        let settings = &self.live.settings;
        for (option, value) in [
            ("--profile", &settings.profile),
            ("--endpoint-url", &settings.endpoint_url),
        ] {
            if let Some(value) = value {
                words.extend([option.to_owned(), value.clone()]);
            }
        }
        words
    }

    /// Keeps the old policy.
    fn save(&self, backups: &Backups, old: &[u8]) -> Result<Saved, SourceError> {
        let path = backups.save(old)?;
        let words = ["ctpolicy".to_owned(), "restore".to_owned()];
        let words = words.into_iter().chain([path.display().to_string()]);
        let words: Vec<String> = words.chain(self.arguments()).collect();
        let words = words.iter().map(String::as_str);
        let command = shlex::try_join(words).unwrap_or_else(|_| "ctpolicy restore".to_owned());
        Ok(Saved { path, command })
    }

    /// Puts `new` in the place of `old`, and reads it back until it shows. The
    /// old policy is saved right before the put, under the key's lock; `wait` is
    /// for the lock, and then for the new policy. `tell` hears of what is under
    /// way.
    ///
    /// # Errors
    /// If KMS refuses it, or it does not show in time.
    pub fn commit(
        &self,
        old: &[u8],
        new: &[u8],
        wait: Duration,
        tell: &mut dyn FnMut(&Step),
    ) -> Result<Commit, SourceError> {
        let backups = Backups::of(self.live.settings.backup_dir.as_deref(), &self.facts)?;
        let _lock = backups.lock(wait, &mut || tell(&Step::Waiting))?;
        let (Ok(old_text), Ok(new)) = (std::str::from_utf8(old), std::str::from_utf8(new)) else {
            // Neither is possible: both were read as a document.
            return Ok(Commit::Changed(Attempt::NotCarriedOut));
        };
        let put = Put {
            api: self.live.api.as_ref(),
            key: &self.facts.arn,
            wait,
            old: old_text,
            new,
        };
        put.commit(|| {
            tell(&Step::Saved(self.save(&backups, old)?));
            Ok(())
        })
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.facts.arn == other.facts.arn
    }
}

impl Eq for Key {}
