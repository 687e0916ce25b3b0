//! Arguments that several commands take.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::builder::{OsStringValueParser, PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueHint};

use super::keys::{KeyArgs, KeyEditArgs};
use crate::accounts::{self, AccountList, Which};
use crate::document::{HostKind, Selection};
use crate::plan::Scope;
use crate::policy::{
    AccountId, Arn, FieldError, Partition, RegionPattern, TrailName, TrailPattern, accounts_text,
};
use crate::report::{self, escape::one_line};
use crate::source::kms::Connect;
use crate::source::{Argument, Purpose, Source};

/// Accounts, separated by commas, each once and in the order given.
fn parse_accounts(text: &str, command: &str) -> Result<Vec<AccountId>, String> {
    let mut accounts = Vec::new();
    for part in text.split(',').map(str::trim) {
        let account = AccountId::from_str(part)
            .map_err(|error| not_an_account(part, text, command, &error))?;
        accounts.push(account);
    }
    Ok(accounts::unique(accounts))
}

/// What stands in the place of an account.
fn not_an_account(part: &str, text: &str, command: &str, error: &FieldError) -> String {
    let usage = format!("help: ctpolicy {command} ACCOUNT POLICY");
    if text.trim().is_empty() {
        format!("the account is empty\n  {usage}")
    } else if part.is_empty() {
        format!("an account is missing beside a comma: {text:?}")
    } else if part.starts_with("arn:") {
        let account = Arn::of(part).account.unwrap_or_default();
        let help = match account.parse::<AccountId>() {
            Ok(account) => format!("help: its account is {account}"),
            Err(_) => usage,
        };
        format!("{part:?} is an ARN, where an account ID is expected\n  {help}")
    } else if looks_like_file(part) {
        format!(
            "the file name {part:?} stands where the account belongs: are the two swapped?\n  {usage}"
        )
    } else {
        format!("{part:?} is {error}")
    }
}

fn looks_like_file(text: &str) -> bool {
    text == "-" || text.contains(['/', '.']) || Path::new(text).exists()
}

/// Which policy in which kind of file.
#[derive(Debug, Args)]
pub struct HostArgs {
    /// The kind of the files [default: what their content and extension say]
    #[arg(long, value_enum, value_name = "KIND")]
    kind: Option<HostKind>,

    /// The policy's address in its file, where that holds several: a Terraform
    /// address (data.aws_iam_policy_document.NAME, aws_kms_key.NAME) or a
    /// CloudFormation logical ID; or a pattern with `*`. May be given several
    /// times to commands that only read
    #[arg(long = "resource", value_name = "ADDRESS")]
    resources: Vec<String>,
}

impl HostArgs {
    /// What to read.
    pub fn selection(&self) -> Selection {
        Selection {
            kind: self.kind,
            resources: self.resources.clone(),
            name: String::new(),
        }
    }
}

/// The policies of a command that takes no accounts.
#[derive(Debug, Args)]
pub struct PolicyArgs {
    /// Files that hold a key policy: JSON, YAML, Terraform or CloudFormation; `-`
    /// alone is standard input, and pipes are read too
    #[arg(value_name = "POLICY", required_unless_present = "keys")]
    policies: Vec<PathBuf>,

    #[command(flatten)]
    host: HostArgs,

    #[command(flatten)]
    keys: KeyArgs,
}

impl PolicyArgs {
    /// What to read of them.
    pub fn selection(&self) -> Selection {
        self.host.selection()
    }

    /// The policies.
    ///
    /// # Errors
    /// If the arguments do not go together.
    pub fn resolve(&self, edit: &KeyEditArgs, connect: &Connect) -> Result<Vec<Argument>, String> {
        arguments(&self.policies, false, &self.keys, edit, connect)
    }
}

/// The files, then the keys. What accounts the command takes, if it
/// `takes_accounts`, stand in front of them.
fn arguments(
    files: &[PathBuf],
    takes_accounts: bool,
    keys: &KeyArgs,
    edit: &KeyEditArgs,
    connect: &Connect,
) -> Result<Vec<Argument>, String> {
    if files.iter().any(|file| file.as_os_str().is_empty()) {
        return Err("the name of a POLICY is empty".to_owned());
    }
    let missing = files.iter().filter(|file| !file.exists());
    for name in missing.filter_map(|file| file.to_str()) {
        if let Ok(account) = name.parse::<AccountId>() {
            let help = if takes_accounts {
                format!("separate accounts by commas, without spaces: ACCOUNT,{account}")
            } else {
                "no ACCOUNT is taken here: give the POLICY alone".to_owned()
            };
            return Err(format!(
                "{account} is an account ID, where a POLICY is expected\n  help: {help}"
            ));
        }
        if name.starts_with("alias/") || (name.starts_with("arn:") && name.contains(":kms:")) {
            let name = one_line(name);
            return Err(format!(
                "{name} is a key, where a POLICY is expected\n  help: --key {name}"
            ));
        }
    }
    let files = files.iter().map(|file| Argument::of_file(file));
    let arguments: Vec<Argument> = files.chain(keys.arguments(edit, connect)?).collect();
    if arguments.len() > 1 && arguments.iter().any(Argument::is_stdin) {
        return Err("`-` (standard input) is taken as the only POLICY".to_owned());
    }
    Ok(arguments)
}

/// The accounts and the policies.
#[derive(Debug, Args)]
pub struct TargetArgs {
    /// Account IDs of 12 digits, separated by commas (not with
    /// --accounts-from); then files that hold a key policy: JSON, YAML,
    /// Terraform or CloudFormation. `-` alone as POLICY is standard input; a
    /// command that edits it, or a pipe, writes to standard output
    #[arg(
        value_name = "ACCOUNT[,ACCOUNT…]] [POLICY",
        value_parser = OsStringValueParser::new().map(PathBuf::from),
        value_hint = ValueHint::AnyPath
    )]
    targets: Vec<PathBuf>,

    /// Take the accounts from FILE: IDs separated by white space or commas, with
    /// # comments, a JSON array of them, or the JSON of `aws organizations
    /// list-accounts`; `-` is standard input
    #[arg(long, value_name = "FILE")]
    accounts_from: Option<PathBuf>,

    #[command(flatten)]
    host: HostArgs,

    #[command(flatten)]
    keys: KeyArgs,
}

impl TargetArgs {
    /// What to read of the policies.
    pub fn selection(&self) -> Selection {
        self.host.selection()
    }

    /// The accounts, and the policies.
    ///
    /// # Errors
    /// Every bad account, or arguments that do not go together.
    pub fn resolve(
        &self,
        command: &str,
        which: Which,
        edit: &KeyEditArgs,
        connect: &Connect,
    ) -> Result<(Vec<AccountId>, Vec<Argument>), String> {
        let (given, policies) = match (&self.accounts_from, self.targets.as_slice()) {
            (Some(_), policies) => (Vec::new(), policies),
            (None, [accounts, policies @ ..]) => {
                let accounts = parse_accounts(&accounts.to_string_lossy(), command)?;
                (accounts, policies)
            }
            (None, []) => {
                return Err(format!(
                    "no account given\n  help: ctpolicy {command} ACCOUNT POLICY"
                ));
            }
        };
        // Before a file of accounts is read: that may be standard input, and to
        // connect may be to go on in another program.
        let takes_accounts = self.accounts_from.is_none();
        let policies = arguments(policies, takes_accounts, &self.keys, edit, connect)?;
        if policies.is_empty() {
            return Err(no_policy(&format!("{command} ACCOUNT")));
        }
        let is_stdin = |file: &PathBuf| Source::of_file(file).is_stdin();
        if policies.iter().any(Argument::is_stdin)
            && self.accounts_from.as_ref().is_some_and(is_stdin)
        {
            return Err("standard input is either the accounts or the policy".to_owned());
        }
        let accounts = match &self.accounts_from {
            Some(file) => accounts_from(file, which)?.accounts,
            None => given,
        };
        Ok((accounts, policies))
    }

    /// All of the arguments are policies.
    ///
    /// # Errors
    /// If the arguments do not go together.
    pub fn policies(&self, command: &str, connect: &Connect) -> Result<Vec<Argument>, String> {
        let edit = KeyEditArgs::default();
        let policies = arguments(&self.targets, false, &self.keys, &edit, connect)?;
        if policies.is_empty() {
            return Err(no_policy(command));
        }
        Ok(policies)
    }
}

fn no_policy(command: &str) -> String {
    format!(
        "no POLICY given\n  help: ctpolicy {command} POLICY, or a live key: ctpolicy {command} --key KEY"
    )
}

/// The ARN of a trail, or a pattern of one.
///
/// # Errors
/// If it is none, or no trail can have it.
pub fn trail_arn(text: &str) -> Result<TrailPattern, String> {
    let arn = Arn::of(text);
    let name = arn
        .resource
        .and_then(|resource| resource.strip_prefix("trail/"));
    let (Some(name), true) = (name, arn.is_cloudtrail()) else {
        return Err(
            "not a trail ARN: it looks like arn:aws:cloudtrail:eu-west-1:222222222222:trail/NAME"
                .to_owned(),
        );
    };
    let [partition, region, account] =
        [arn.partition, arn.region, arn.account].map(Option::unwrap_or_default);
    let pattern = TrailPattern {
        partition: field_of(partition)?,
        region: field_of(region)?,
        account: field_of(account)?,
        trail: field_of(name)?,
    };
    if pattern.account.as_str() != account {
        return Err(format!("in an ARN the account is {}", pattern.account));
    }
    if let Some(region) = pattern.region.literal()
        && Partition::of_region(region) != pattern.partition
    {
        return Err(format!(
            "{region} is a Region of the partition {}, not of {}",
            Partition::of_region(region),
            pattern.partition
        ));
    }
    Ok(pattern)
}

/// The ARN of one trail.
///
/// # Errors
/// If it is none, or no trail can have it.
pub fn one_trail_arn(text: &str) -> Result<TrailPattern, String> {
    let pattern = trail_arn(text)?;
    if pattern.is_wild() {
        return Err("a pattern, and the ARN of one trail is expected".to_owned());
    }
    Ok(pattern)
}

fn field_of<T: FromStr<Err = FieldError>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error| format!("{text:?} is {error}"))
}

/// The accounts of `--accounts-from`, with a note of those that are left out.
///
/// # Errors
/// Everything that is wrong with the list.
pub fn accounts_from(file: &Path, which: Which) -> Result<AccountList, String> {
    let source = Source::of_file(file);
    let name = one_line(&source.to_string());
    let bytes = source
        .read(Purpose::Question)
        .map_err(|error| format!("{name}: {error}"))?;
    let text = String::from_utf8(bytes).map_err(|_| format!("{name}: not UTF-8"))?;
    let list = accounts::parse(&text, which).map_err(|errors| {
        let lines: Vec<String> = errors
            .iter()
            .map(|error| format!("{name}: {error}"))
            .collect();
        lines.join("\nerror: ")
    })?;
    if !list.left_out.is_empty() {
        let accounts: Vec<&AccountId> = list.left_out.iter().collect();
        let accounts = accounts_text(&accounts);
        let message = format!("{name}: not ACTIVE, and left out: {accounts}");
        report::say(&report::note(&message));
    }
    Ok(list)
}

/// The accounts' partition.
#[derive(Debug, Args)]
pub struct PartitionArgs {
    /// The accounts' partition [default: that of the live key, or of the
    /// policy's ARNs, else aws]
    #[arg(long, value_name = "PARTITION", value_parser = partition())]
    partition: Option<Partition>,
}

fn partition() -> impl TypedValueParser<Value = Partition> {
    PossibleValuesParser::new(Partition::names()).try_map(|name| name.parse::<Partition>())
}

impl From<PartitionArgs> for Scope {
    fn from(args: PartitionArgs) -> Self {
        Self {
            partition: args.partition,
            ..Self::default()
        }
    }
}

/// Which statement, and which trails.
#[derive(Debug, Args)]
pub struct ScopeArgs {
    /// The statement's Sid, exactly, or as it is written where it is an
    /// expression
    /// [default: Enable CloudTrail Encrypt Permissions, in either of AWS's
    /// spellings; else the only statement that lets CloudTrail encrypt for the
    /// trails of a list]
    #[arg(long, value_name = "SID", value_parser = sid)]
    sid: Option<String>,

    /// The statement's number in its policy, from 1, as messages have it; for one
    /// POLICY or KEY
    #[arg(long, value_name = "N", value_parser = number, conflicts_with = "sid")]
    statement: Option<usize>,

    #[command(flatten)]
    partition: PartitionArgs,

    /// Only trails of this Region, or of a pattern of Regions
    #[arg(long, value_name = "REGION", default_value = "*")]
    trail_region: RegionPattern,

    /// Only trails of this name, or of a pattern of names
    #[arg(long, value_name = "TRAIL", default_value = "*")]
    trail: TrailName,
}

impl ScopeArgs {
    /// The statement's number, if that is given.
    pub fn number(&self) -> Option<usize> {
        self.statement
    }
}

fn sid(text: &str) -> Result<String, &'static str> {
    let own = (!text.is_empty()).then(|| text.to_owned());
    own.ok_or("a Sid is not empty; --statement N takes a statement by its number")
}

fn number(text: &str) -> Result<usize, &'static str> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or("statements are counted from 1")
}

/// What commands that add accounts may do beside.
#[derive(Debug, Args)]
pub struct AdditionArgs {
    /// Take no statement for its shape: add to the one with the Sid, and insert
    /// it if there is none
    #[arg(long, conflicts_with = "statement")]
    insert: bool,

    /// Also add this trail ARN to the condition on aws:SourceArn, of the
    /// statement and of those by which CloudTrail calls kms:DescribeKey and
    /// kms:Decrypt
    #[arg(long = "source-arn", value_name = "ARN", value_parser = trail_arn)]
    source_arns: Vec<TrailPattern>,

    /// Also add the accounts to the condition on aws:SourceAccount there
    #[arg(long)]
    pub source_account: bool,
}

impl AdditionArgs {
    /// Which statement, and which trails.
    pub fn scope(&self, scope: ScopeArgs) -> Scope {
        Scope {
            insert: self.insert,
            ..scope.into()
        }
    }

    /// The trails for conditions on `aws:SourceArn`.
    pub fn source_arns(&self) -> Vec<String> {
        self.source_arns.iter().map(ToString::to_string).collect()
    }
}

impl From<ScopeArgs> for Scope {
    fn from(args: ScopeArgs) -> Self {
        Self {
            sid: args.sid,
            region: args.trail_region,
            trail: args.trail,
            ..args.partition.into()
        }
    }
}
