//! Hosts: which syntax a text is in, and which policies it holds.

use std::sync::Arc;

use super::error::{ApplyError, Candidate, DocumentError};
use super::found::{Body, Found, Selection, Syntax};
use super::hcl::file::File;
use super::holes::Holes;
use super::kind::{Reader, reader};
use super::text::{Position, without_bom};
use super::{cloudformation, hcl, json, template, yaml};
use crate::operations::Operation;
use crate::text::edit::TextEdit;

/// A host, as it was read.
pub(super) struct Read {
    /// Every policy in it.
    pub(super) found: Vec<Found>,
    /// The file, if it is one of Terraform's.
    pub(super) file: Option<Arc<File>>,
}

/// Every policy in a host; where it is JSON, its values share the text. `holes`
/// keeps the characters of expressions that an earlier reading of the same host
/// gave out.
pub(super) fn read(
    whole: &Arc<String>,
    selection: &Selection,
    holes: &mut Holes,
) -> Result<Read, DocumentError> {
    let host = without_bom(whole);
    let (reader, value) = reader(whole, selection);
    let found = match reader {
        Reader::Json => vec![json::read(whole, value)?],
        Reader::Cloudformation => cloudformation::read(host, holes)?,
        Reader::Template => template::read(host, holes)?,
        Reader::Terraform | Reader::TerraformJson => {
            let file = hcl::read::read(host, reader == Reader::TerraformJson, holes)?;
            let (found, file) = (file.found.clone(), Some(Arc::new(file)));
            return Ok(Read { found, file });
        }
    };
    Ok(Read { found, file: None })
}

/// The policy that is meant: the one that is named, or the only one that may be
/// a key policy.
pub(super) fn choose(
    host: &str,
    found: &[Found],
    selection: &Selection,
) -> Result<usize, DocumentError> {
    let candidate = |found: &Found| {
        found.address.as_ref().map(|address| Candidate {
            address: address.clone(),
            at: Position::of(host, found.at),
        })
    };
    if let Some(name) = &selection.resource {
        let own = |one: &Found| one.address.as_deref() == Some(name);
        if let Some(index) = found.iter().position(own) {
            return Ok(index);
        }
        let mut called = found
            .iter()
            .enumerate()
            .filter(|(_, one)| one.is_used_by(name));
        return match (called.next(), called.next()) {
            (Some((index, _)), None) => Ok(index),
            (None, _) => Err(DocumentError::NoSuchResource {
                name: name.clone(),
                candidates: found.iter().filter_map(candidate).collect(),
            }),
            (Some(_), Some(_)) => Err(DocumentError::Several {
                candidates: found
                    .iter()
                    .filter(|one| one.is_used_by(name))
                    .filter_map(candidate)
                    .collect(),
            }),
        };
    }
    let mut meant = found.iter().enumerate().filter(|(_, one)| !one.is_other);
    match (meant.next(), meant.next()) {
        (Some((index, _)), None) => Ok(index),
        (None, _) => Err(DocumentError::NoPolicy {
            others: found.iter().filter_map(candidate).collect(),
        }),
        (Some(_), Some(_)) => Err(DocumentError::Several {
            candidates: found
                .iter()
                .filter(|one| !one.is_other)
                .filter_map(candidate)
                .collect(),
        }),
    }
}

/// The edit that an operation is in a policy's text.
pub(super) fn edit(
    text: &str,
    body: &Body,
    operation: &Operation,
    holes: &Holes,
) -> Result<TextEdit, ApplyError> {
    let edit = match body.syntax {
        Syntax::Json => json::splice::text_edit(text, &body.tree, &body.value, operation),
        Syntax::Hcl => hcl::splice::edit(text, body, operation, holes)?,
        Syntax::HclJson => hcl::json_edits::edit(text, body, operation, holes)?,
        Syntax::JsonTemplate => {
            let edit = json::splice::text_edit(text, &body.tree, &body.value, operation);
            let tree = body.tree.root(text);
            edit.map(|edit| cloudformation::write::functions(text, tree, holes, edit))
        }
        Syntax::Yaml => {
            let substitute = |value: &str| cloudformation::write::sub_text(value, holes);
            let tree = body.tree.root(text);
            let layout = yaml::layout::Layout::new(text, tree, &substitute);
            let edit = yaml::splice::text_edit(layout, tree, &body.value, operation);
            if let Some(edit) = &edit {
                yaml::chomping::check(layout, edit)?;
            }
            edit
        }
    };
    edit.ok_or_else(|| ApplyError::Patch("no such place in the text".to_owned()))
}
