//! What holds for every text, whoever made it.

use ctpolicy::document::{ApplyError, Document};
use ctpolicy::plan::{Case, Plan, Request, add, remove, sync};
use ctpolicy::policy::AccountId;

pub fn request(accounts: &[String]) -> Request {
    let mut request = Request::default();
    for account in accounts {
        let account: AccountId = account.parse().unwrap();
        if !request.accounts.contains(&account) {
            request.accounts.push(account);
        }
    }
    request
}

/// What was there is there still, byte for byte and in its order: the part in
/// the middle where the two differ holds all that it held.
fn assert_kept(old: &[u8], new: &[u8]) {
    let prefix = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let left = old.len().min(new.len()) - prefix;
    let ends = old.iter().rev().zip(new.iter().rev()).take(left);
    let suffix = ends.take_while(|(a, b)| a == b).count();
    let (old, new) = (
        &old[prefix..old.len() - suffix],
        &new[prefix..new.len() - suffix],
    );
    assert!(
        old.is_empty() || new.windows(old.len()).any(|part| part == old),
        "{:?} became {:?}",
        String::from_utf8_lossy(old),
        String::from_utf8_lossy(new)
    );
}

/// Makes an edit, where the host has a place for it. What else keeps it from being
/// made is a defect: no input may show one.
fn applied(before: &Document, plan: &Plan) -> Option<Document> {
    if before.obstacle(&plan.operations, "policy").is_some() {
        return None;
    }
    match before.apply(&plan.operations) {
        Ok(after) => Some(after),
        Err(ApplyError::Unwritable { .. }) => None,
        Err(error) => panic!("{error}: {:?}", String::from_utf8_lossy(before.as_bytes())),
    }
}

/// Every edit of a policy is made, or refused for a reason that is the host's.
pub fn no_edit_is_a_defect(before: &Document, accounts: &[String]) {
    let case = Case::of(before.value());
    let request = request(accounts);
    let restricting = Request {
        restrict: true,
        ..request.clone()
    };
    let removal = remove::Request {
        accounts: request.accounts.clone(),
        ..remove::Request::default()
    };
    let dropping = remove::Request {
        drop_statement: true,
        ..removal.clone()
    };
    let plans = [
        add::plan(&case, &request),
        add::plan(&case, &restricting),
        sync::plan(&case, &request),
        remove::plan(&case, &removal),
        remove::plan(&case, &dropping),
    ];
    for plan in plans.iter().flatten() {
        applied(before, plan);
    }
}

/// A text that is read is given back as it was, and an edit of it changes what
/// the patch says and nothing else.
pub fn an_edit_is_lossless(bytes: &[u8], accounts: &[String]) {
    let Ok(before) = Document::parse(bytes) else {
        return;
    };
    assert_eq!(before.as_bytes(), bytes);
    no_edit_is_a_defect(&before, accounts);
    let request = request(accounts);
    let Ok(plan) = add::plan(&Case::of(before.value()), &request) else {
        return;
    };
    let Some(after) = applied(&before, &plan) else {
        return;
    };

    // parse(edited text) = patched value
    let mut patched = before.value().into();
    json_patch::patch(&mut patched, &plan.json_patch(before.value())).unwrap();
    let read = Document::parse(after.as_bytes()).unwrap();
    assert_eq!(serde_json::Value::from(read.value()), patched);

    assert_kept(before.text().as_bytes(), after.text().as_bytes());
    assert_kept(bytes, after.as_bytes());

    // the layout is the text's own
    if !before.text().contains('\n') {
        assert!(!after.text()[..after.text().trim_end().len()].contains('\n'));
    }
    assert_eq!(
        after.text().contains("\r\n"),
        before.text().contains("\r\n")
    );
    if !before.text().replace("\r\n", "").contains('\n') && before.text().contains('\n') {
        assert!(!after.text().replace("\r\n", "").contains('\n'));
    }

    // a second run changes nothing
    let again = add::plan(&Case::of(after.value()), &request).unwrap();
    assert!(again.operations.is_empty());
}
