//! Where a file uses a local or a variable, and what a value more in it is
//! there. Judged by the place alone: it need not be a key policy, nor a policy
//! that can be read.

use std::ops::Range;

use hcl_edit::visit::Visit;

use super::file::Parsed;
use super::spelling::Decoded;
use super::wording;
use crate::document::elsewhere::Other;

/// A place that uses a name.
#[derive(Debug, Clone)]
pub struct Use {
    /// `local.accounts`.
    name: String,
    other: Other,
    local: Option<String>,
}

/// What a use stands in.
#[derive(Debug, Clone, Default)]
pub(super) struct Frame {
    /// The attribute, the key or the block.
    pub(super) name: Option<String>,
    pub(super) is_denying: bool,
    pub(super) is_context: bool,
    /// What a statement allows, and whether that is `CloudTrail`'s encryption.
    pub(super) allows: Option<(String, bool)>,
    /// A text with expressions in it.
    pub(super) text: Option<Range<usize>>,
}

impl Frame {
    pub(super) fn member(name: &str) -> Self {
        Self {
            is_denying: wording::is_negated(name),
            is_context: wording::is_context(name),
            name: Some(name.to_owned()),
            ..Self::default()
        }
    }
}

/// The uses in a file.
#[derive(Debug, Default)]
pub struct Uses {
    pub(super) found: Vec<Use>,
    /// The locals and variables, and where they are defined.
    pub(super) definitions: Vec<(String, Range<usize>)>,
    pub(super) statements: Vec<Range<usize>>,
}

impl Uses {
    /// Those in a file, in either syntax.
    pub(super) fn of(host: &str, parsed: &Parsed) -> Self {
        let mut finder = Finder {
            text: host,
            decoded: None,
            frames: Vec::new(),
            address: String::new(),
            uses: Self::default(),
        };
        match parsed {
            Parsed::Hcl(body) => finder.visit_body(body),
            Parsed::Json(tree, strings) => finder.json_file(tree, strings),
        }
        finder.uses
    }

    /// The name whose definition is the list at a place: not that of a whole
    /// statement or policy.
    pub fn name_of(&self, at: usize) -> Option<&str> {
        let (name, span) = self.definitions.iter().find(|(_, own)| own.contains(&at))?;
        let is_inside = |own: &Range<usize>| own.contains(&at) && span.start <= own.start;
        (!self.statements.iter().any(is_inside)).then_some(name)
    }

    /// The places in which a name ends up, through the locals made of it. What
    /// the statement that is edited does with it is judged where that is read.
    pub fn of_name(&self, name: &str, statement: &Range<usize>) -> Vec<Other> {
        let mut found = Vec::new();
        self.collect(name, statement, &mut vec![name.to_owned()], &mut found);
        found.sort_by_key(|own| own.at);
        found.dedup_by_key(|own| own.at);
        found
    }

    fn collect(
        &self,
        name: &str,
        statement: &Range<usize>,
        seen: &mut Vec<String>,
        found: &mut Vec<Other>,
    ) {
        let is_other = |own: &&Use| own.other.is_denying || !statement.contains(&own.other.at);
        let named = self.found.iter().filter(|own| own.name == name);
        for own in named.filter(is_other) {
            let is_end = own.other.is_denying || own.other.allows.is_some();
            let local = own.local.as_ref().filter(|_| !is_end);
            let Some(local) = local else {
                found.push(own.other.clone());
                continue;
            };
            if seen.contains(local) {
                continue;
            }
            seen.push(local.clone());
            let before = found.len();
            self.collect(local, statement, seen, found);
            let is_used = self.found.iter().any(|own| own.name == *local);
            if !is_used {
                // Another file may use it.
                found.push(own.other.clone());
            }
            for later in &mut found[before..] {
                later.is_context |= own.other.is_context;
            }
        }
    }
}

/// Walks through a file, in either syntax.
pub(super) struct Finder<'t> {
    pub(super) text: &'t str,
    /// The JSON string of the host that the text is.
    pub(super) decoded: Option<&'t Decoded>,
    pub(super) frames: Vec<Frame>,
    pub(super) address: String,
    pub(super) uses: Uses,
}

impl Finder<'_> {
    pub(super) fn within(&mut self, frame: Frame, visit: impl FnOnce(&mut Self)) {
        self.frames.push(frame);
        visit(self);
        self.frames.pop();
    }

    pub(super) fn add(&mut self, name: String, at: usize) {
        let mut is_denying = self.frames.iter().any(|own| own.is_denying);
        let mut is_context = self.frames.iter().any(|own| own.is_context);
        let statement = self.frames.iter().rev().find_map(|own| own.allows.clone());
        let (mut allows, mut is_encrypt) =
            statement.map_or((None, true), |(what, is_encrypt)| (Some(what), is_encrypt));
        for text in self.frames.iter().filter_map(|own| own.text.as_ref()) {
            let inside = self.text.get(text.clone()).unwrap_or_default();
            let place = wording::Place::of(inside, at.saturating_sub(text.start));
            is_denying |= place.is_denying;
            is_context |= place.is_context;
            if let Some(what) = place.allows {
                is_encrypt = wording::is_encrypt(&what);
                allows = Some(what);
            }
        }
        let innermost = self.frames.iter().rev().find_map(|own| own.name.as_deref());
        let is_local = self.address.starts_with("local.");
        let place = match innermost {
            Some(own) if !is_local || self.frames.len() > 2 => format!("{}, {own}", self.address),
            _ => self.address.clone(),
        };
        // What a variable says of itself is no use.
        if self.address == name {
            return;
        }
        let at = match self.decoded {
            Some(decoded) => decoded.host(&(at..at + 1)).start,
            None => at,
        };
        self.uses.found.push(Use {
            name,
            other: Other {
                at,
                place,
                allows,
                is_denying,
                is_context: is_context && is_encrypt && !is_denying,
            },
            local: is_local.then(|| self.address.clone()),
        });
    }
}
