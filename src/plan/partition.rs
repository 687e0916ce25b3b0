//! Which partition a policy's accounts are in: its ARNs say.

use json_patch::jsonptr::PointerBuf;

use crate::policy::{Arn, Code, Finding, Partition, Policy, RegionPattern, hole};

/// The partition of every ARN of the policy, if it is one and known: then no
/// place need be named, of which a long list has many.
fn only(policy: &Policy<'_>) -> Option<Partition> {
    let mut first = None;
    let is_one = policy.all_arns(|arn| {
        let name = Arn::of(arn).partition;
        *first.get_or_insert(name) == name
    });
    first.filter(|_| is_one)??.parse().ok()
}

/// The partition to write, from the one asked for and the policy's ARNs.
pub(super) fn resolve(
    policy: &Policy<'_>,
    asked: Option<Partition>,
    region: &RegionPattern,
) -> Result<(Partition, Option<Finding>), Finding> {
    let (partition, warning) = match only(policy) {
        Some(only) if asked.is_none_or(|asked| asked == only) => (only, None),
        _ => of_all(policy, asked)?,
    };
    match region
        .literal()
        .map(|name| (name, Partition::of_region(name)))
    {
        Some((name, own)) if own != partition => Err(Finding::error(
            Code::RegionPartition,
            format!("Region {name} is in partition {own}, and the ARN would be in {partition}"),
            PointerBuf::new(),
        )
        .help(format!("take another --trail-region, or --partition {own}"))),
        _ => Ok((partition, warning)),
    }
}

/// The partition from all the ARNs, with the places of those that differ.
fn of_all(
    policy: &Policy<'_>,
    asked: Option<Partition>,
) -> Result<(Partition, Option<Finding>), Finding> {
    let mut found: Vec<(Partition, PointerBuf)> = Vec::new();
    let mut computed = None;
    policy.each_arn(|arn, at| {
        let name = Arn::of(arn).partition.unwrap_or_default();
        if computed.is_none() && hole::has_unknown(name) {
            computed = Some((name.to_owned(), at.clone()));
        }
        if let Ok(partition) = name.parse::<Partition>()
            && found.iter().all(|(other, _)| *other != partition)
        {
            found.push((partition, at.clone()));
        }
    });
    Ok(match (asked, found.as_slice()) {
        (Some(asked), found) => (asked, mismatch(asked, found)),
        (None, []) => (
            Partition::AWS,
            computed.map(|(name, at)| guessed(&name, at)),
        ),
        (None, [(only, _)]) => (*only, None),
        (None, [(first, first_at), (second, at), ..]) => {
            return Err(Finding::error(
                Code::PartitionMix,
                format!("the policy has ARNs of more than one partition: {first} and {second}"),
                at.clone(),
            )
            .related(first_at.clone(), format!("the first ARN in {first}"))
            .help(format!(
                "say which one the account is in: --partition {first} or --partition {second}"
            )));
        }
    })
}

/// The partition expression that a list's values use, or else the policy's
/// ARNs: a new value takes it over.
pub(super) fn expression<'v>(
    policy: &Policy<'_>,
    values: impl DoubleEndedIterator<Item = &'v str>,
) -> Option<char> {
    let field = |arn: &str| Arn::of(arn).partition.and_then(hole::partition);
    let is_trail = |value: &&str| value.starts_with("arn:") && value.contains(":cloudtrail:");
    if let Some(last) = values.rev().find(is_trail) {
        return field(last);
    }
    let mut first = None;
    policy.each_arn(|arn, _| first = first.or_else(|| field(arn)));
    first
}

/// An ARN in the wrong partition would match nothing.
fn guessed(expression: &str, at: PointerBuf) -> Finding {
    Finding::warning(
        Code::PartitionComputed,
        format!("the policy's partition is {expression}, an expression; it is taken to be aws"),
        at,
    )
    .help("say which one it is: --partition aws, aws-cn or aws-us-gov")
}

fn mismatch(asked: Partition, found: &[(Partition, PointerBuf)]) -> Option<Finding> {
    let (other, at) = found.first()?;
    if found.iter().any(|(partition, _)| *partition == asked) {
        return None;
    }
    Some(Finding::warning(
        Code::PartitionMismatch,
        format!(
            "the policy's ARNs are in partition {other}; one in {asked} matches no trail there"
        ),
        at.clone(),
    ))
}
