//! Hosts: which syntax a text is in, and which policies it holds.

use std::cmp::Reverse;
use std::sync::Arc;

use super::cloudformation::Whole;
use super::error::{ApplyError, DocumentError};
use super::found::{Body, Found, Selection, Syntax};
use super::hcl::file::{File, Parsed};
use super::holes::Holes;
use super::kind::{Reader, reader};
use super::tree::Node;
use super::{cloudformation, hcl, json, template, yaml};
use crate::operations::{Operation, Operations};
use crate::text::edit::TextEdit;

/// A host, as it was read.
#[derive(Clone)]
pub(super) struct Read {
    /// Every policy in it.
    pub(super) found: Vec<Found>,
    /// The file, if it is one of Terraform's.
    pub(super) file: Option<Arc<File>>,
    /// All of it, if it is a template of `CloudFormation` or in YAML.
    pub(super) whole: Option<Arc<Whole>>,
}

/// Every policy in a host. `holes` keeps the characters of expressions that an
/// earlier reading of the same host gave out.
pub(super) fn read(
    host: &str,
    selection: &Selection,
    holes: &mut Holes,
) -> Result<Read, DocumentError> {
    let (reader, known) = reader(host, selection);
    let found = match reader {
        Reader::Json => vec![json::read(host, known)?],
        Reader::Cloudformation => {
            let (found, whole) = cloudformation::read(host, known, holes)?;
            return Ok(Read {
                found,
                file: None,
                whole: Some(Arc::new(whole)),
            });
        }
        Reader::Template => {
            let is_json = known.is_some_and(|known| known.is_ok());
            template::read(host, is_json, holes)?
        }
        Reader::Terraform | Reader::TerraformJson => {
            let file = hcl::read::read(host, reader == Reader::TerraformJson, holes)?;
            return Ok(Read {
                found: file.found.clone(),
                file: Some(Arc::new(file)),
                whole: None,
            });
        }
    };
    Ok(Read {
        found,
        file: None,
        whole: None,
    })
}

/// The edit that the operations are in a policy's text. `file` and `whole` are the
/// host, if that is one of Terraform's or a template.
pub(super) fn edit(
    text: &str,
    body: &Body,
    file: Option<&File>,
    whole: Option<&Whole>,
    operations: &Operations,
    holes: &Holes,
) -> Result<TextEdit, ApplyError> {
    let tree = &body.tree;
    let as_written = |edit| edit;
    match (body.syntax, file.map(|file| &file.parsed)) {
        (Syntax::HclJson, Some(Parsed::Json(file, _))) => {
            let operations = hcl::json_edits::in_file(file, tree, operations, holes)?;
            in_json(text, file, &operations, &as_written)
        }
        (Syntax::Hcl, parsed) => {
            let arrays = match (parsed, &body.embedding) {
                (Some(Parsed::Hcl(file)), _) => hcl::array::Arrays::of(file),
                (Some(Parsed::Json(_, strings)), Some(inner)) => {
                    let own = strings.known(inner.start(0));
                    let template = own.as_ref().and_then(|own| own.template.as_ref().ok());
                    template.map_or_else(Default::default, hcl::array::Arrays::of_template)
                }
                _ => hcl::array::Arrays::default(),
            };
            let writer = hcl::write::Writer::new(text, tree, holes);
            all(operations, |one| hcl::splice::edit(&writer, &arrays, one))
        }
        (Syntax::JsonTemplate, _) => {
            let functions = cloudformation::write::Functions::new(text, tree, whole, holes);
            in_json(text, tree, operations, &|edit| functions.of(edit))
        }
        (Syntax::Yaml, _) => {
            let substitute = |value: &str| cloudformation::write::written(value, holes);
            let layout = yaml::layout::Layout::new(text, tree, &substitute);
            all(operations, |one| yaml::splice::edit(layout, one))
        }
        _ => in_json(text, tree, operations, &as_written),
    }
}

/// The edit of a JSON text. `finish` is done to what is written.
fn in_json(
    text: &str,
    tree: &Node,
    operations: &Operations,
    finish: &dyn Fn(TextEdit) -> TextEdit,
) -> Result<TextEdit, ApplyError> {
    let mut layout = json::layout::Layout::new(text, tree);
    all(operations, |one| {
        let edit = json::splice::edit(&layout, one, finish);
        layout.learn(one);
        Ok(edit)
    })
}

/// The edits that operations are, in their order, as one.
fn all(
    operations: &Operations,
    mut edit: impl FnMut(&Operation) -> Result<Option<TextEdit>, ApplyError>,
) -> Result<TextEdit, ApplyError> {
    let edits = operations.iter().map(|operation| {
        let depth = operation.target().count();
        Ok((depth, edit(operation)?.ok_or_else(ApplyError::no_place)?))
    });
    let mut edits = edits.collect::<Result<Vec<_>, _>>()?;
    // Where two edits meet behind a value, that of what is further in comes first.
    edits.sort_by_key(|(depth, _)| Reverse(*depth));
    let edits = edits.into_iter().map(|(_, edit)| edit);
    TextEdit::all(edits).ok_or(ApplyError::Overlap)
}
