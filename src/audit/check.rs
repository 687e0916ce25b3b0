//! `check`: may `CloudTrail` encrypt for these accounts?

use crate::plan::Scope;
use crate::policy::{
    AccountId, Code, Evaluation, Evaluator, Finding, Obstacle, Policy, TrailPattern, Verdict, needs,
};

#[derive(Debug, Clone)]
pub enum Question {
    /// About every trail of these accounts.
    Accounts(Vec<AccountId>),
    /// About these trails.
    Trails(Vec<TrailPattern>),
}

/// The answer about one account or trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub account: AccountId,
    /// The trail's ARN, if it was asked for.
    pub trail: Option<String>,
    /// Whether it may, and why not.
    pub evaluation: Evaluation,
}

/// The answers about one policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// In the order asked.
    pub answers: Vec<Answer>,
    /// What is needed beside and not there.
    pub notes: Vec<Finding>,
}

impl Check {
    /// Puts what people read into words that they know.
    pub fn spell(&mut self, spell: &dyn Fn(&str) -> String) {
        let answers = self.answers.iter_mut();
        for pattern in answers.flat_map(|answer| &mut answer.evaluation.patterns) {
            *pattern = spell(pattern);
        }
    }

    /// Whether all that were asked for may encrypt, for certain.
    pub fn is_passed(&self) -> bool {
        let is_allowed = |answer: &Answer| answer.evaluation.verdict == Verdict::Allowed;
        self.answers.iter().all(is_allowed)
    }
}

/// Answers for one policy, of which there may be doubts whether the key has it.
///
/// # Errors
/// If the policy does not tell the accounts' partition.
pub fn check(
    policy: &Policy<'_>,
    question: &Question,
    scope: &Scope,
    doubts: &[Obstacle],
) -> Result<Check, Finding> {
    let evaluator = Evaluator::new(policy);
    let trails = match question {
        Question::Accounts(accounts) => scope.asked(policy, accounts)?.0.patterns().collect(),
        Question::Trails(trails) => trails.clone(),
    };
    let answer = |pattern: &TrailPattern| Answer {
        account: pattern.account.clone(),
        trail: match question {
            Question::Accounts(_) => None,
            Question::Trails(_) => Some(pattern.to_string()),
        },
        evaluation: evaluator.evaluate(pattern),
    };
    let mut notes = Vec::new();
    // Another policy may allow what this one does not.
    if doubts.is_empty() {
        notes.extend(needs::describe_key(policy, &trails));
        notes.extend(needs::bucket_key(policy, &trails));
    }
    notes.extend(needs::reader(policy));
    let mut answers: Vec<Answer> = trails.iter().map(answer).collect();
    for answer in &mut answers {
        answer.evaluation.doubt(doubts);
    }
    Ok(Check { answers, notes })
}

/// Leaves the notes on S3 Bucket Keys with the first policy of which there are
/// any, and says of how many others there are: most buckets have no such key.
pub fn tell_once(mut checks: Vec<&mut Check>) {
    let is_meant = |note: &Finding| note.code == Code::NoBucketKeyDecrypt;
    checks.retain(|check| check.notes.iter().any(is_meant));
    let Some((first, others)) = checks.split_first_mut() else {
        return;
    };
    let more = match others.len() {
        0 => return,
        1 => "; so it is in another policy".to_owned(),
        count => format!("; so it is in {count} other policies"),
    };
    for check in others {
        check.notes.retain(|note| !is_meant(note));
    }
    let mut notes = first.notes.iter_mut().filter(|note| is_meant(note));
    if let Some(note) = notes.next_back() {
        note.message.push_str(&more);
    }
}
