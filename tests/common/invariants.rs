//! What holds for every text, whoever made it.

use ctpolicy::document::Document;
use ctpolicy::plan::Case;
use ctpolicy::plan::{Request, add};
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

/// A text that is read is given back as it was, and an edit of it changes what
/// the patch says and nothing else.
pub fn an_edit_is_lossless(bytes: &[u8], accounts: &[String]) {
    let Ok(before) = Document::parse(bytes) else {
        return;
    };
    assert_eq!(before.as_bytes(), bytes);
    let request = request(accounts);
    let Ok(plan) = add::plan(&Case::of(before.value()), &request) else {
        return;
    };
    let after = before.apply(&plan.operations).unwrap();

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
