//! `check`: may `CloudTrail` encrypt for these accounts?

use indexmap::IndexMap;
use json_patch::jsonptr::PointerBuf;

use crate::plan::cure::{self, Cure, Unmet};
use crate::plan::{Plan, Scope};
use crate::policy::{
    AccountId, Code, Evaluation, Evaluator, Finding, Obstacle, Policy, Reason, Statement,
    TrailPattern, Verdict, needs,
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
    /// Whether it may.
    pub verdict: Verdict,
    /// If some trails may, the patterns that say which.
    pub patterns: Vec<String>,
    /// Whether there are more of them.
    pub has_more: bool,
    /// Why not, or why nobody can tell; each once.
    pub reasons: Vec<Why>,
}

/// A reason, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// A stable name for programs.
    pub code: Code,
    pub message: String,
    /// The statement that it is in, from 0.
    pub statement: Option<usize>,
    pub at: PointerBuf,
}

/// The answers about one policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// In the order asked.
    pub answers: Vec<Answer>,
    /// What would let those encrypt that may not: commands, or what else to do.
    pub help: Vec<String>,
    /// What is needed beside and not there.
    pub notes: Vec<Finding>,
}

/// What is known of a policy's host.
pub struct Host<'h> {
    /// Doubts whether the key has the policy.
    pub doubts: Vec<Obstacle>,
    /// Whether an edit can be made there.
    pub can_be_made: &'h dyn Fn(&Plan) -> bool,
    /// The command that makes it.
    pub command: &'h dyn Fn(&Cure) -> String,
}

impl Answer {
    /// Who was asked about.
    pub fn subject(&self) -> String {
        match &self.trail {
            Some(arn) => format!("trail {arn}"),
            None => format!("account {}", self.account),
        }
    }
}

impl Check {
    /// Puts what people read into words that they know.
    pub fn spell(&mut self, spell: &dyn Fn(&str) -> String) {
        let spell = |text: &mut String| *text = spell(text);
        for answer in &mut self.answers {
            answer.patterns.iter_mut().for_each(spell);
            let reasons = answer.reasons.iter_mut();
            reasons.map(|why| &mut why.message).for_each(spell);
        }
        self.help.iter_mut().for_each(spell);
    }

    /// Whether all that were asked for may encrypt, for certain.
    pub fn is_passed(&self) -> bool {
        let is_allowed = |answer: &Answer| answer.verdict == Verdict::Allowed;
        self.answers.iter().all(is_allowed)
    }
}

/// Answers for one policy.
///
/// # Errors
/// If the policy does not tell the accounts' partition.
pub fn check(
    policy: &Policy<'_>,
    question: &Question,
    scope: &Scope,
    host: &Host<'_>,
) -> Result<Check, Finding> {
    let are_single = matches!(question, Question::Trails(_));
    let trails = match question {
        Question::Accounts(accounts) => scope.asked(policy, accounts)?.0.patterns().collect(),
        Question::Trails(trails) => trails.clone(),
    };
    let evaluator = Evaluator::new(policy);
    let nearest = cure::nearest(policy, scope);
    let nearest = nearest.map(|own| (own, Evaluator::of_statement(policy, own)));
    let mut unmet: IndexMap<_, (Vec<&TrailPattern>, Vec<String>)> = IndexMap::new();
    let mut answers = Vec::with_capacity(trails.len());
    for trail in &trails {
        let evaluation = evaluator.evaluate(trail);
        let mut answer = Answer {
            account: trail.account.clone(),
            trail: are_single.then(|| trail.to_string()),
            verdict: evaluation.verdict.doubted(&host.doubts),
            patterns: Vec::new(),
            has_more: false,
            reasons: Vec::new(),
        };
        let who = answer.subject();
        let reasons = Reasons {
            policy,
            nearest: nearest.as_ref(),
            trail,
            who: &who,
        };
        let (whys, advice) = reasons.of(&evaluation);
        answer.reasons = whys;
        if host.doubts.is_empty() {
            answer.patterns = evaluation.patterns;
            answer.has_more = evaluation.has_more;
        }
        let doubts = host.doubts.iter();
        (answer.reasons).extend(doubts.map(|own| Why::of(own, policy, &who)));
        answers.push(answer);
        let is_blocked = evaluation.verdict == Verdict::Blocked;
        if host.doubts.is_empty() && (is_blocked || evaluation.verdict == Verdict::Partly) {
            let kind = (is_blocked, evaluation.obstacles);
            let alike = unmet.entry(kind).or_insert((Vec::new(), advice));
            alike.0.push(trail);
        }
    }
    let mut help = Vec::new();
    for ((is_blocked, _), (trails, advice)) in unmet {
        let unmet = Unmet {
            trails,
            are_single,
            is_blocked,
        };
        let cures = cure::cures(policy, scope, &unmet, host.can_be_made);
        let is_mended = !cures.is_empty() && cures.iter().all(|cure| cure.is_whole);
        let advice = advice.into_iter().filter(|_| !is_mended);
        for line in advice.chain(cures.iter().map(host.command)) {
            if !help.contains(&line) {
                help.push(line);
            }
        }
    }
    let mut notes = Vec::new();
    // Another policy may allow what this one does not.
    if host.doubts.is_empty() {
        notes.extend(needs::describe_key(policy, &trails));
        notes.extend(needs::bucket_key(policy, &trails));
    }
    notes.extend(needs::reader(policy));
    Ok(Check {
        answers,
        help,
        notes,
    })
}

/// Why one answer is what it is.
struct Reasons<'r, 'p, 'a> {
    policy: &'p Policy<'a>,
    /// The statement that an account would be added to, and its own answers.
    nearest: Option<&'r (&'p Statement<'a>, Evaluator<'p, 'a>)>,
    trail: &'r TrailPattern,
    who: &'r str,
}

impl Reasons<'_, '_, '_> {
    /// The reasons in words, and what to do about them. Where nothing may
    /// encrypt they are what is wrong with the nearest statement, and all that
    /// is in its way; that another one does not allow it either is no news.
    fn of(&self, whole: &Evaluation) -> (Vec<Why>, Vec<String>) {
        let mut obstacles: Vec<Obstacle> = Vec::new();
        let mut wrong = None;
        let nearest = self.nearest.filter(|_| whole.verdict != Verdict::Allowed);
        let nearest = nearest.map(|(statement, evaluator)| (*statement, evaluator));
        if let Some((statement, evaluator)) = nearest {
            if whole.verdict != Verdict::Partly {
                wrong = cure::wrong(statement, self.trail);
            }
            let own = evaluator.evaluate(self.trail);
            if ![whole.verdict, own.verdict].contains(&Verdict::Depends) {
                obstacles = own.obstacles;
            }
        }
        let is_told = |own: &Obstacle| {
            let is_near = nearest.is_some_and(|(near, _)| own.statement == Some(near.index));
            let is_condition = matches!(own.reason, Reason::Condition { .. });
            whole.verdict == Verdict::Depends || is_near || !is_condition || nearest.is_none()
        };
        let others = whole.obstacles.iter().filter(|own| is_told(own)).cloned();
        let others: Vec<Obstacle> = others.filter(|own| !obstacles.contains(own)).collect();
        obstacles.extend(others);
        // The finding has better words for what stands at its place.
        let mut is_placed = false;
        obstacles.retain(|own| {
            let is_at = wrong.as_ref().is_some_and(|wrong| own.at == wrong.at);
            is_placed |= is_at;
            !is_at && (wrong.is_none() || own.reason != Reason::NoStatement)
        });
        // What a policy rests on is not that, if it is elsewhere.
        let wrong = wrong.filter(|_| is_placed || whole.verdict == Verdict::Blocked);
        let mut whys = Vec::new();
        let mut advice = Vec::new();
        if let (Some(wrong), Some((statement, _))) = (wrong, nearest) {
            let name = statement.name();
            whys.push(Why {
                code: wrong.code,
                message: if wrong.message.starts_with(&name) {
                    wrong.message
                } else {
                    format!("{name}: {}", wrong.message)
                },
                statement: Some(statement.index),
                at: wrong.at,
            });
            advice.extend(wrong.help);
        }
        for obstacle in &obstacles {
            whys.push(Why::of(obstacle, self.policy, self.who));
            advice.extend(cure::advice(&obstacle.reason, self.trail));
        }
        (whys, advice)
    }
}

impl Why {
    fn of(obstacle: &Obstacle, policy: &Policy<'_>, who: &str) -> Self {
        Self {
            code: obstacle.reason.code(),
            message: obstacle.explain(policy, who),
            statement: obstacle.statement,
            at: obstacle.at.clone(),
        }
    }
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
