//! `check`: may `CloudTrail` encrypt for these accounts?

use crate::plan::Scope;
use crate::policy::{
    AccountId, Evaluation, Evaluator, Finding, Obstacle, Policy, TrailPattern, Verdict, needs,
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

    /// Takes doubts about the policy as a whole into account.
    pub fn doubt(&mut self, doubts: &[Obstacle]) {
        for answer in &mut self.answers {
            answer.evaluation.doubt(doubts);
        }
    }

    /// Whether all that were asked for may encrypt, for certain.
    pub fn is_passed(&self) -> bool {
        let is_allowed = |answer: &Answer| answer.evaluation.verdict == Verdict::Allowed;
        self.answers.iter().all(is_allowed)
    }
}

/// Answers for one policy.
///
/// # Errors
/// If the policy does not tell the accounts' partition.
pub fn check(policy: &Policy<'_>, question: &Question, scope: &Scope) -> Result<Check, Finding> {
    let evaluator = Evaluator::new(policy);
    let answer = |pattern: &TrailPattern, trail| Answer {
        account: pattern.account.clone(),
        trail,
        evaluation: evaluator.evaluate(pattern),
    };
    let answers = match question {
        Question::Accounts(accounts) => {
            let (asked, _) = scope.asked(policy, accounts)?;
            let patterns = asked.patterns();
            patterns.map(|own| answer(&own, None)).collect()
        }
        Question::Trails(trails) => {
            let trails = trails.iter();
            trails
                .map(|own| answer(own, Some(own.to_string())))
                .collect()
        }
    };
    Ok(Check {
        answers,
        notes: [needs::describe_key, needs::bucket_key, needs::reader]
            .iter()
            .filter_map(|need| need(policy))
            .collect(),
    })
}
