//! Which statement is meant, and which trails.

use json_patch::jsonptr::PointerBuf;

use super::partition;
use super::spelling::Spelling;
use crate::policy::hole::is_hole;
use crate::policy::statement::name;
use crate::policy::truth::Truth;
use crate::policy::{
    AccountId, CURRENT_SID, Code, DEFAULT_SID, Finding, Partition, Policy, RegionPattern,
    SOURCE_ARN, Statement, TrailName, Trails, canonical, pointer,
};
use crate::value::Value;

/// The Sids of the statement that is meant first.
const DEFAULT_SIDS: [&str; 2] = [DEFAULT_SID, CURRENT_SID];

/// The Sids that AWS's own pages and consoles give the statement for one
/// account's trails.
///
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/default-cmk-policy.html>
const AWS_SIDS: [&str; 3] = [
    "Allow CloudTrail to encrypt logs",
    "AllowCloudTrailEncryptLogs",
    "Allow CloudTrail to use KMS for encryption",
];

/// The statement that a person means, where the Sid does not tell.
#[derive(Debug, Clone, PartialEq)]
pub enum Choice {
    /// A new one.
    New,
    /// `--statement`: the one with this number, counted from 1; its value, once
    /// it has been shown.
    Number(usize, Option<Value>),
    /// The answer to a question, with the value that was shown.
    Answer(usize, Value),
}

impl Choice {
    /// The choice once a person has seen the statement: after that, another one
    /// with its number is not meant.
    pub fn shown(self, policy: &Value) -> Self {
        match self {
            Self::Number(number, None) => Self::Number(number, body(policy, number).cloned()),
            other => other,
        }
    }

    /// The answer that is a statement of this policy.
    pub fn answer(target: &Target, policy: &Value) -> Self {
        let number = target.number();
        Self::Answer(number, body(policy, number).cloned().unwrap_or_default())
    }
}

fn body(policy: &Value, number: usize) -> Option<&Value> {
    match policy.get("Statement")? {
        Value::Array(items) => items.get(number.checked_sub(1)?),
        single => (number == 1).then_some(single),
    }
}

/// A statement that a plan is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Target {
    /// Its place in `Statement`, from 0.
    pub index: usize,
    /// Its Sid.
    pub sid: Option<String>,
    /// Where it stands, or will stand.
    pub at: PointerBuf,
    /// Whether the plan inserts it.
    pub is_new: bool,
}

impl Target {
    /// This statement of a policy.
    pub fn of(statement: &Statement<'_>) -> Self {
        Self {
            index: statement.index,
            sid: statement.sid.map(str::to_owned),
            at: statement.at.clone(),
            is_new: false,
        }
    }

    /// Its place in `Statement`, from 1, as messages count.
    pub fn number(&self) -> usize {
        self.index + 1
    }

    /// How messages name the statement.
    pub fn name(&self) -> String {
        name(self.index, self.sid.as_deref())
    }
}

/// What a person has to say before there can be an edit.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// The refusal, where there is nobody to ask.
    pub refusal: Finding,
    /// The statements that may be meant.
    pub candidates: Vec<Target>,
    /// The Sid that a new one would have.
    pub sid: String,
}

/// The statement and the ARNs that a request is about.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// Exactly this Sid.
    pub sid: Option<String>,
    /// Only the statement with the Sid, and a new one if there is none.
    pub insert: bool,
    /// The partition, if not the one of the policy's ARNs.
    pub partition: Option<Partition>,
    /// The ARN's Region field.
    pub region: RegionPattern,
    /// The ARN's trail field.
    pub trail: TrailName,
    /// What a person has said, by `--statement` or at a question.
    pub choice: Option<Choice>,
}

impl Scope {
    /// The accounts' partition in this policy.
    pub(crate) fn partition_of(&self, policy: &Policy<'_>) -> Result<Partition, Finding> {
        Ok(partition::resolve(policy, self.partition, &self.region)?.0)
    }

    /// The accounts' trails in this policy, and a warning if the partition
    /// asked for is not the policy's.
    pub(crate) fn asked(
        &self,
        policy: &Policy<'_>,
        accounts: &[AccountId],
    ) -> Result<(Trails, Option<Finding>), Finding> {
        let (partition, mismatch) = partition::resolve(policy, self.partition, &self.region)?;
        let (region, trail) = (self.region.clone(), self.trail.clone());
        let asked = Trails::new(partition, region, trail, accounts.to_vec());
        Ok((asked, mismatch))
    }

    /// How the trails' ARNs are written among these values.
    pub(super) fn spelling<'v>(
        &self,
        policy: &Policy<'_>,
        values: impl DoubleEndedIterator<Item = &'v str>,
        asked: &Trails,
    ) -> Spelling {
        let expression = match self.partition {
            Some(_) => None,
            None => partition::expression(policy, values),
        };
        Spelling::of(asked, expression)
    }

    /// The Sid of a statement that is inserted.
    pub fn new_sid(&self) -> &str {
        self.sid.as_deref().unwrap_or(DEFAULT_SID)
    }

    /// Whether a person wants a statement inserted, whoever may encrypt already.
    pub(super) fn wants_new(&self) -> bool {
        self.insert || self.sid.is_some() || self.choice == Some(Choice::New)
    }
}

/// Which statement of a policy is meant.
#[derive(Debug)]
pub enum Which<'s, 'a> {
    /// This one.
    One(&'s Statement<'a>, By),
    /// One or more of these encrypt statements.
    Several(Vec<&'s Statement<'a>>),
    /// None has the Sid that was asked for, and these may be meant all the same,
    /// each with the reason.
    Misnamed(Vec<(&'s Statement<'a>, String)>),
    /// No encrypt statement: one would have to be inserted. `aws:SourceArn`
    /// alone guards these, or may.
    None(Vec<&'s Statement<'a>>),
}

/// What says that a statement is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Its Sid.
    Sid,
    /// A person, by its number.
    Choice,
    /// It is the only encrypt statement.
    Shape,
    /// It is the only encrypt statement with a Sid of AWS's own.
    AwsSid,
}

impl By {
    /// Whether the statement was found without being named.
    pub fn is_shape(self) -> bool {
        matches!(self, Self::Shape | Self::AwsSid)
    }
}

/// The statement that is meant: the rule that every command goes by.
///
/// # Errors
/// If two statements have the Sid, or none has the number.
pub fn which<'s, 'a>(policy: &'s Policy<'a>, scope: &Scope) -> Result<Which<'s, 'a>, Finding> {
    let (number, shown) = match &scope.choice {
        None => return unanswered(policy, scope),
        Some(Choice::New) => {
            return Ok(match unanswered(policy, scope)? {
                found @ Which::One(_, By::Sid) => found,
                _ => Which::None(Vec::new()),
            });
        }
        Some(Choice::Number(number, shown)) => (*number, shown.as_ref()),
        Some(Choice::Answer(number, shown)) => (*number, Some(shown)),
    };
    Ok(Which::One(numbered(policy, number, shown)?, By::Choice))
}

/// The statement that is meant, whatever a person has answered.
pub(super) fn unanswered<'s, 'a>(
    policy: &'s Policy<'a>,
    scope: &Scope,
) -> Result<Which<'s, 'a>, Finding> {
    let sids = match &scope.sid {
        Some(sid) => vec![sid.as_str()],
        None => DEFAULT_SIDS.to_vec(),
    };
    for sid in sids {
        match policy.with_sid(sid).as_slice() {
            [] => {}
            [only] => return Ok(Which::One(only, By::Sid)),
            [first, second, ..] => return Err(duplicate(sid, first, second)),
        }
    }
    if scope.insert {
        return Ok(Which::None(Vec::new()));
    }
    let encrypt = encrypt_statements(policy);
    if let Some(sid) = &scope.sid {
        let misnamed = misnamed(policy, sid, &encrypt);
        return Ok(if misnamed.is_empty() {
            Which::None(Vec::new())
        } else {
            Which::Misnamed(misnamed)
        });
    }
    let has_aws_sid = |own: &&&Statement<'_>| own.sid.is_some_and(|sid| AWS_SIDS.contains(&sid));
    let of_aws: Vec<_> = encrypt.iter().filter(has_aws_sid).collect();
    Ok(match (encrypt.as_slice(), of_aws.as_slice()) {
        ([], _) => {
            let guarded = |own: &&Statement<'_>| own.is_guarded_only() != Truth::False;
            Which::None(policy.statements.iter().filter(guarded).collect())
        }
        ([only], _) => Which::One(only, By::Shape),
        (_, [only]) => Which::One(only, By::AwsSid),
        _ => Which::Several(encrypt),
    })
}

/// Whether a statement is one that may be meant where no Sid is given.
pub(super) fn may_be_meant(statement: &Statement<'_>) -> bool {
    let has_sid = statement.sid.is_some_and(|sid| DEFAULT_SIDS.contains(&sid));
    has_sid || statement.is_encrypt_statement() != Truth::False
}

/// The encrypt statements, whatever their Sids; where none is one for certain,
/// those that may be.
fn encrypt_statements<'s, 'a>(policy: &'s Policy<'a>) -> Vec<&'s Statement<'a>> {
    let are = |wanted: Truth| {
        let statements = policy.statements.iter();
        statements
            .filter(|own| own.is_encrypt_statement() == wanted)
            .collect()
    };
    let certain: Vec<_> = are(Truth::True);
    if certain.is_empty() {
        are(Truth::Unknown)
    } else {
        certain
    }
}

/// The statements that may be meant by a Sid that none has.
fn misnamed<'s, 'a>(
    policy: &'s Policy<'a>,
    sid: &str,
    encrypt: &[&'s Statement<'a>],
) -> Vec<(&'s Statement<'a>, String)> {
    let letters = |sid: &str| -> String {
        let letters = sid.chars().filter(|c| c.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect()
    };
    let near = policy.statements.iter().filter_map(|statement| {
        let own = statement.sid.filter(|own| !own.contains(is_hole))?;
        if letters(own) != letters(sid) {
            return None;
        }
        let in_what = if own.eq_ignore_ascii_case(sid) {
            "case"
        } else {
            "case, white space or punctuation"
        };
        let why = format!(
            "the Sid of {} differs from it only in {in_what}",
            statement.name()
        );
        Some((statement, why))
    });
    let near: Vec<_> = near.collect();
    if !near.is_empty() {
        return near;
    }
    let why = |own: &Statement<'_>| format!("{} lets CloudTrail encrypt", own.name());
    encrypt.iter().map(|own| (*own, why(own))).collect()
}

fn numbered<'s, 'a>(
    policy: &'s Policy<'a>,
    number: usize,
    shown: Option<&Value>,
) -> Result<&'s Statement<'a>, Finding> {
    let own = policy.statements.get(..policy.own).unwrap_or_default();
    let index = number.checked_sub(1);
    let Some(statement) = index.and_then(|index| own.get(index)) else {
        let count = own.len();
        return Err(Finding::error(
            Code::NoSuchStatement,
            format!("there is no statement {number}: the policy has {count}"),
            pointer(["Statement"]),
        )
        .help("statements are counted from 1: ctpolicy list-accounts shows their numbers"));
    };
    match shown {
        Some(shown) if !is_still(policy, statement.body(), shown) => Err(Finding::error(
            Code::StatementChanged,
            format!("the policy has changed: statement {number} is no more the one that was shown"),
            statement.at.clone(),
        )
        .help("run the same command again, and look at what it shows")),
        _ => Ok(statement),
    }
}

/// Whether a statement is the one that was shown: with other values in its
/// conditions only if no other is like it.
fn is_still(policy: &Policy<'_>, statement: &Value, shown: &Value) -> bool {
    let outline = canonical::outline(shown);
    let mut alike = policy
        .statements
        .iter()
        .map(Statement::body)
        .filter(|own| canonical::outline(own) == outline);
    canonical::statement(statement) == canonical::statement(shown)
        || (alike.next() == Some(statement) && alike.next().is_none())
}

fn duplicate(sid: &str, first: &Statement<'_>, second: &Statement<'_>) -> Finding {
    Finding::error(
        Code::DuplicateSid,
        format!("two statements have the Sid {sid:?}"),
        second.path("Sid"),
    )
    .related(first.path("Sid"), "the first one")
    .help("give one of them another Sid, and name the one you mean with --sid")
    .help(either(&[first, second]))
}

/// The options that name one of these statements.
fn either(statements: &[&Statement<'_>]) -> String {
    let options: Vec<String> = statements
        .iter()
        .map(|own| format!("--statement {}", own.number()))
        .collect();
    format!("to name the one you mean: {}", options.join(" or "))
}

/// The refusal of a Sid that no statement has, while others may be meant.
pub(super) fn refuse_misnamed(sid: &str, misnamed: &[(&Statement<'_>, String)]) -> Finding {
    let whys: Vec<&str> = misnamed.iter().map(|(_, why)| why.as_str()).collect();
    let at = misnamed.first().map(|(own, _)| own.at.clone());
    let finding = Finding::error(
        Code::NoSuchSid,
        format!("no statement has the Sid {sid:?}; {}", whys.join(", and ")),
        at.unwrap_or_default(),
    );
    let statements: Vec<&Statement<'_>> = misnamed.iter().map(|(own, _)| *own).collect();
    finding.help(either(&statements))
}

/// The refusal to take one of several encrypt statements by guess.
pub(super) fn several(who: &str, statements: &[&Statement<'_>], scope: &Scope) -> Question {
    let count = statements.len();
    let at = statements.first().map(|own| own.at.clone());
    let finding = Finding::error(
        Code::SeveralStatements,
        format!(
            "nothing says which of {count} statements that let CloudTrail encrypt is meant for {who}"
        ),
        at.unwrap_or_default(),
    );
    let finding = statements.iter().fold(finding, |finding, own| {
        finding.related(own.at.clone(), own.name())
    });
    Question {
        refusal: finding
            .help(either(statements))
            .help("to insert another statement: --insert"),
        candidates: statements.iter().map(|own| Target::of(own)).collect(),
        sid: scope.new_sid().to_owned(),
    }
}

/// The question whether a statement whose `aws:SourceArn` is an expression is
/// for trails.
pub(super) fn may_be_for_trails(statement: &Statement<'_>, scope: &Scope) -> Question {
    let message = format!(
        "{} has no list, and whether its {SOURCE_ARN} names trails or event data stores cannot be told",
        statement.name()
    );
    let finding = Finding::error(Code::NoList, message, statement.at.clone());
    let number = statement.number();
    Question {
        refusal: finding
            .help(format!(
                "if it names trails, to add one there: --statement {number}"
            ))
            .help("to insert another statement: --insert"),
        candidates: vec![Target::of(statement)],
        sid: scope.new_sid().to_owned(),
    }
}

/// Why a statement without the Sid is the one.
pub(super) fn taken(statement: &Statement<'_>, by: By) -> Option<Finding> {
    let lets = match statement.is_encrypt_statement() {
        Truth::True => "lets CloudTrail encrypt for a list of trails",
        _ => "may let CloudTrail encrypt for a list of trails",
    };
    let why = match by {
        By::Sid | By::Choice => return None,
        By::Shape => format!("is the only one that {lets}"),
        By::AwsSid => format!("{lets}, and alone of such has a Sid of AWS's own"),
    };
    let message = format!(
        "no statement has the Sid {DEFAULT_SID:?}; {} {why}",
        statement.name()
    );
    Some(Finding::note(Code::ByShape, message, statement.at.clone()))
}
