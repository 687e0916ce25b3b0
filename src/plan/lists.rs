//! The context list of a statement: whether it can take an account's ARN, and
//! the operations that add to it.

use serde_json::Value;

use crate::operations::Operation;
use crate::policy::condition::Condition;
use crate::policy::operator::{Comparison, Operator};
use crate::policy::truth::Truth;
use crate::policy::{
    CONTEXT_KEY, Code, ENCRYPT_ACTION, Effect, Evaluator, Finding, Policy, SERVICE, SOURCE_ARN,
    Statement, TrailPattern, Trails, arn, hole, source_option,
};

/// Why a statement cannot be the one that lets `CloudTrail` encrypt.
pub(super) fn check_statement(statement: &Statement<'_>) -> Result<(), Finding> {
    let name = statement.name();
    if let Some(expression) = statement.body().as_str() {
        return Err(Finding::error(
            Code::ComputedList,
            format!("{name} is computed by {expression}: it has no place for an account"),
            statement.at.clone(),
        ));
    }
    if statement.effect == Effect::Deny {
        return Err(Finding::error(
            Code::EffectDeny,
            format!("{name} is a Deny: an account in its list may not encrypt"),
            statement.path("Effect"),
        )
        .help("name another statement with --sid or --statement"));
    }
    for condition in &statement.conditions {
        if let Some(near) = Operator::near_miss(condition.operator_name) {
            return Err(Finding::error(
                Code::OperatorCase,
                format!(
                    "{:?} is no condition operator: did you mean {near:?}?",
                    condition.operator_name
                ),
                condition.at.clone(),
            )
            .help("AWS takes an operator only in its exact spelling"));
        }
    }
    let is_named = statement.body().get("Principal").is_some();
    if is_named && statement.is_for_cloudtrail() != Truth::False {
        return Ok(());
    }
    let services: Vec<&str> = statement.principals("Service").collect();
    let near = services.iter().find(|service| {
        service.starts_with("cloudtrail.") || service.eq_ignore_ascii_case(SERVICE)
    });
    let message = match near {
        Some(near) => format!(
            "{name} is for {near:?}, and CloudTrail's service principal is {SERVICE:?} in every partition and Region"
        ),
        None => format!("{name} is not CloudTrail's: its Principal is not the service {SERVICE:?}"),
    };
    Err(
        Finding::error(Code::Principal, message, statement.path("Principal"))
            .help("mend the Principal, or name another statement with --sid or --statement"),
    )
}

/// The conditions that list trail ARNs, if the ARNs can be added to each.
pub(super) fn context_lists<'s, 'a>(
    statement: &'s Statement<'a>,
    asked: Option<&Trails>,
) -> Result<Vec<&'s Condition<'a>>, Finding> {
    let mut lists = Vec::new();
    for condition in statement.conditions.iter().filter(|c| c.is_on(CONTEXT_KEY)) {
        if asked.is_some_and(|asked| condition.is_another_in(asked.partition)) {
            return Err(unknown_key(statement, condition));
        }
        match condition.operator {
            Some(operator) if operator.comparison == Comparison::Null => {}
            operator => {
                check_operator(condition, operator, asked)?;
                lists.push(condition);
            }
        }
    }
    Ok(lists)
}

fn check_operator(
    condition: &Condition<'_>,
    operator: Option<Operator>,
    asked: Option<&Trails>,
) -> Result<(), Finding> {
    let name = condition.operator_name;
    let refuse = |code, message: String, help: &str| {
        Err(Finding::error(code, message, condition.at.clone()).help(help))
    };
    if hole::has_unknown(name) {
        return refuse(
            Code::Operator,
            format!("the list stands under {name}, and which operator that is cannot be told"),
            "write the operator out: StringLike",
        );
    }
    let Some(operator) = operator else {
        return refuse(
            Code::Operator,
            format!("{name:?} is no condition operator of IAM"),
            "the list of trail ARNs stands under StringLike",
        );
    };
    if operator.set.is_some() {
        return refuse(
            Code::SetOperator,
            format!(
                "the list stands under {name:?}: with ForAllValues a request without an encryption context passes too, and KMS refuses such a policy (OverlyPermissiveCondition:EncryptionContext)"
            ),
            "rename the operator to StringLike first",
        );
    }
    if operator.negated {
        return refuse(
            Code::OperatorNegated,
            format!("the list stands under {name:?}: an account in it may not encrypt"),
            "the list of trail ARNs that may encrypt stands under StringLike",
        );
    }
    match operator.comparison {
        Comparison::StringLike | Comparison::ArnLike => Ok(()),
        Comparison::StringEquals | Comparison::StringEqualsIgnoreCase => {
            match asked.and_then(Trails::first) {
                Some(pattern) if pattern.is_wild() => refuse(
                    Code::OperatorLiteral,
                    format!(
                        "the list stands under {name:?}, where `*` is no wildcard: \"{pattern}\" would match no trail"
                    ),
                    "rename the operator to StringLike (or ArnLike) first, or name one trail with --trail-region and --trail",
                ),
                _ => Ok(()),
            }
        }
        _ => refuse(
            Code::Operator,
            format!("the list stands under {name:?}, which does not compare ARNs"),
            "the list of trail ARNs stands under StringLike",
        ),
    }
}

/// Why a statement without the list takes no account: what it lacks, or what
/// the list would take away.
pub(super) fn no_list(
    policy: &Policy<'_>,
    statement: &Statement<'_>,
    any: &TrailPattern,
) -> Finding {
    let name = statement.name();
    if let Some(finding) = misspelt(statement) {
        return finding;
    }
    if statement.covers_action(ENCRYPT_ACTION) == Truth::False {
        let actions: Vec<&str> = statement.actions().collect();
        let what = if actions.is_empty() {
            format!("it does not cover {ENCRYPT_ACTION}")
        } else {
            format!("its Action is {}", actions.join(", "))
        };
        let message = format!("{name} does not let CloudTrail encrypt: {what}");
        return Finding::error(Code::Action, message, statement.path("Action"))
            .help("name another statement, or leave --sid and --statement out");
    }
    if statement.is_guarded_only() != Truth::False {
        let option = source_option(SOURCE_ARN, any.partition, &[&any.account]);
        let message = format!(
            "{name} has no list of trail ARNs: {SOURCE_ARN} says whose trails it lets encrypt"
        );
        return Finding::error(Code::NoList, message, statement.at.clone())
            .help(format!("to add a trail there: {option}"));
    }
    let evaluation = Evaluator::of_statement(policy, statement).evaluate(any);
    let open = evaluation.obstacles.is_empty();
    let message = if open {
        format!(
            "{name} has no list of trail ARNs, so it already lets every account encrypt; adding the list would restrict it to the accounts given and cut the others off"
        )
    } else {
        format!(
            "{name} has no list of trail ARNs; adding one would restrict it to the accounts given"
        )
    };
    let finding = Finding::error(Code::NoList, message, statement.at.clone());
    finding.help("to restrict it on purpose, give every account that is to encrypt, and --restrict")
}

/// The refusal of a list under a key that is nearly the context's.
pub(super) fn misspelt(statement: &Statement<'_>) -> Option<Finding> {
    let condition = statement.conditions.iter().find(|own| is_misspelt(own))?;
    let message = format!(
        "{}: {:?} is no key of CloudTrail's encryption context; did you mean {CONTEXT_KEY:?}?",
        statement.name(),
        condition.key
    );
    Some(
        Finding::error(Code::ContextKey, message, condition.at.clone())
            .help("mend the key first: CloudTrail's calls have no such context, so the statement grants nothing"),
    )
}

/// Whether a condition lists trails under a key that is nearly the context's.
fn is_misspelt(condition: &Condition<'_>) -> bool {
    let key = condition.key.to_ascii_lowercase();
    key.starts_with("kms:encryptioncontext:")
        && !condition.is_on(CONTEXT_KEY)
        && condition.values.iter().any(|value| arn::is_trail(value))
}

/// The operation that gives a statement its context list.
pub(super) fn restrict(statement: &Statement<'_>, list: Value) -> Operation {
    let body = statement.body();
    let nested =
        |key: &str, value: Value| Value::Object([(key.to_owned(), value)].into_iter().collect());
    let (object, key, value) = match body.get("Condition") {
        None => {
            let conditions = nested("StringLike", nested(CONTEXT_KEY, list));
            (statement.at.clone(), "Condition", conditions)
        }
        Some(condition) if condition.get("StringLike").is_none() => {
            let values = nested(CONTEXT_KEY, list);
            (statement.path("Condition"), "StringLike", values)
        }
        Some(_) => {
            let mut object = statement.path("Condition");
            object.push_back("StringLike");
            (object, CONTEXT_KEY, list)
        }
    };
    let key = key.to_owned();
    Operation::Member { object, key, value }
}

/// The refusal to tell whether there is a list, where an expression says it.
pub(super) fn check_conditions(statement: &Statement<'_>) -> Result<(), Finding> {
    let mut conditions = statement.conditions.iter();
    let Some(condition) = conditions.find(|condition| condition.may_be_on(CONTEXT_KEY)) else {
        return Ok(());
    };
    let key = condition.key;
    Err(if condition.operator_name == key {
        let message = format!(
            "whether {} has a list is computed by {key}: it has no place for an account",
            statement.name()
        );
        Finding::error(Code::ComputedList, message, condition.at.clone())
    } else {
        unknown_key(statement, condition)
    })
}

/// The refusal of a list whose key is an expression.
fn unknown_key(statement: &Statement<'_>, condition: &Condition<'_>) -> Finding {
    let message = format!(
        "the list of statement {} may be the one under {}, an expression: whether that is {CONTEXT_KEY} cannot be told",
        statement.number(),
        condition.key
    );
    Finding::error(Code::ComputedList, message, condition.at.clone())
        .help(format!("if it is, write the key out: \"{CONTEXT_KEY}\""))
        .help("if it is not, write out the key that it is")
}

/// The refusal to edit a list that an expression computes.
pub(super) fn check_literal(condition: &Condition<'_>) -> Result<(), Finding> {
    match condition.computed() {
        None => Ok(()),
        Some(expression) => Err(Finding::error(
            Code::ComputedList,
            format!(
                "the list under {} is computed by {expression}: it has no place for an account",
                condition.key
            ),
            condition.at.clone(),
        )),
    }
}

/// The operation that puts values at the end of a condition's list, if there
/// are any.
pub(super) fn append(
    condition: &Condition<'_>,
    values: Vec<Value>,
) -> Result<Option<Operation>, Finding> {
    if values.is_empty() {
        return Ok(None);
    }
    check_literal(condition)?;
    Ok(Some(Operation::append(condition.at.clone(), values)))
}
