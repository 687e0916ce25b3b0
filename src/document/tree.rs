//! Where the nodes of a policy's text stand, in any syntax.

use std::ops::Range;

use json_patch::jsonptr::{Pointer, PointerBuf};

use crate::value::Text;

/// A value's place in the text, in bytes, and what it holds.
#[derive(Debug, Clone)]
pub struct Node {
    /// From its first byte to behind its last.
    pub span: Range<usize>,
    pub kind: Kind,
    /// How the syntax writes it.
    pub form: Form,
    /// What the host calls it, if it is written elsewhere than it is used.
    pub origin: Option<Box<Origin>>,
    /// The lists that it is put together of, if these are several: `span` is the
    /// last one's.
    pub parts: Option<Box<[Part]>>,
}

/// A list among those that another one is put together of.
#[derive(Debug, Clone)]
pub struct Part {
    /// Which of the items are from it.
    pub items: Range<usize>,
    /// Where it stands.
    pub span: Range<usize>,
    pub form: Form,
    /// What the host calls it.
    pub name: Option<String>,
}

/// A definition that a value is written in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// What the host calls it: `local.accounts`.
    pub name: String,
    /// Whether it is what counts only if nobody says otherwise.
    pub is_default: bool,
    /// Whether each of its items becomes a number, and loses zeros before it.
    pub is_of_numbers: bool,
    /// How often the host uses it.
    pub uses: usize,
    /// When it counts, if not always.
    pub only_if: Option<String>,
}

impl Origin {
    /// What counts only under a condition.
    pub fn only_if(name: &str, condition: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            is_default: false,
            is_of_numbers: false,
            uses: 1,
            only_if: Some(condition.into()),
        }
    }
}

/// How a syntax writes a node, where it has several ways.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Form {
    /// As a value of its kind.
    #[default]
    Value,
    /// As blocks of its own (`statement { … }`, `condition { … }`).
    Blocks,
    /// As a list of account IDs, of each of which an expression makes a value:
    /// what stands before and behind the ID in it.
    Accounts { prefix: Box<str>, suffix: Box<str> },
    /// As a number without quotes of which readers of YAML do not agree what it
    /// is: an octal one, a float.
    LooseNumber,
}

/// What a node holds.
#[derive(Debug, Clone)]
pub enum Kind {
    /// A string, number, Boolean or null.
    Scalar,
    /// An array's values.
    Array(Vec<Node>),
    Object(Vec<Member>),
}

#[derive(Debug, Clone)]
pub struct Member {
    /// The key, without quotes and escapes.
    pub key: Text,
    /// Where the key stands, with its quotes.
    pub key_span: Range<usize>,
    pub value: Node,
}

/// Two keys of one object that are the same, or differ only by case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Twins {
    /// The second key as it stands.
    pub key: String,
    /// Where the first stands, in bytes.
    pub first: usize,
    /// Where the second stands, in bytes.
    pub second: usize,
    pub differ_by_case: bool,
}

impl Node {
    pub fn new(span: Range<usize>, kind: Kind) -> Self {
        Self {
            span,
            kind,
            form: Form::default(),
            origin: None,
            parts: None,
        }
    }

    /// The lists that it is put together of, itself if it is the only one; they
    /// start behind so many items.
    pub fn parts_from(&self, start: usize) -> Vec<Part> {
        let whole = |items: &[Self]| Part {
            items: 0..items.len(),
            span: self.span.clone(),
            form: self.form.clone(),
            name: self.origin.as_ref().map(|own| own.name.clone()),
        };
        let mut parts = match (&self.parts, &self.kind) {
            (Some(parts), _) => parts.to_vec(),
            (None, Kind::Array(items)) => vec![whole(items)],
            _ => Vec::new(),
        };
        for part in &mut parts {
            part.items = start + part.items.start..start + part.items.end;
        }
        parts
    }

    /// What the host calls the list that an item is from.
    pub fn name_at(&self, index: usize) -> Option<&str> {
        let Some(parts) = &self.parts else {
            return self.origin.as_ref().map(|own| own.name.as_str());
        };
        let part = parts.iter().find(|part| part.items.contains(&index))?;
        part.name.as_deref()
    }

    /// Says when the whole counts, unless that is said already.
    pub fn say_origin(&mut self, origin: Option<Origin>) {
        self.origin = self.origin.take().or(origin.map(Box::new));
    }

    /// The spans of what it holds: an array's values, an object's members from
    /// key to value.
    pub fn children(&self) -> Vec<Range<usize>> {
        match &self.kind {
            Kind::Scalar => Vec::new(),
            Kind::Array(nodes) => nodes.iter().map(|node| node.span.clone()).collect(),
            Kind::Object(members) => members
                .iter()
                .map(|member| member.key_span.start..member.value.span.end)
                .collect(),
        }
    }

    pub fn exact(&self, pointer: &Pointer) -> Option<&Self> {
        pointer
            .tokens()
            .try_fold(self, |node, token| node.child(&token.decoded()))
    }

    /// The node at a place in the text.
    pub fn at(&self, span: &Range<usize>) -> Option<&Self> {
        let mut node = self;
        while node.span != *span {
            let holds = |own: &&Self| own.span.start <= span.start && span.end <= own.span.end;
            node = match &node.kind {
                Kind::Scalar => None,
                Kind::Array(nodes) => nodes.iter().find(holds),
                Kind::Object(members) => members.iter().map(|own| &own.value).find(holds),
            }?;
        }
        Some(node)
    }

    /// The node at a pointer, or the nearest one above it.
    pub fn nearest(&self, pointer: &Pointer) -> &Self {
        let mut node = self;
        for token in pointer.tokens() {
            match node.child(&token.decoded()) {
                Some(child) => node = child,
                None => break,
            }
        }
        node
    }

    /// The value under a key, or at an index.
    pub fn child(&self, token: &str) -> Option<&Self> {
        match &self.kind {
            Kind::Scalar => None,
            Kind::Array(nodes) => nodes.get(token.parse::<usize>().ok()?),
            Kind::Object(members) => members
                .iter()
                .find(|member| member.key == token)
                .map(|member| &member.value),
        }
    }

    /// The first two keys, in the order of the text, that IAM would take as
    /// one, in any object.
    pub fn twins(&self) -> Option<Twins> {
        match &self.kind {
            Kind::Scalar => None,
            Kind::Array(nodes) => nodes.iter().find_map(Self::twins),
            Kind::Object(members) => twins_of(members)
                .into_iter()
                .chain(members.iter().find_map(|member| member.value.twins()))
                .min_by_key(|twins| twins.second),
        }
    }

    /// Every node with its pointer, a parent before what it holds.
    pub fn visit<'t>(&'t self, at: &PointerBuf, f: &mut impl FnMut(&PointerBuf, &'t Self)) {
        f(at, self);
        let below = |token: &str| {
            let mut at = at.clone();
            at.push_back(token);
            at
        };
        match &self.kind {
            Kind::Scalar => {}
            Kind::Array(nodes) => {
                for (index, node) in nodes.iter().enumerate() {
                    node.visit(&below(&index.to_string()), f);
                }
            }
            Kind::Object(members) => {
                for member in members {
                    member.value.visit(&below(&member.key), f);
                }
            }
        }
    }
}

/// Members up to which comparing each two is faster than sorting them.
const FEW: usize = 16;

fn twins_of(members: &[Member]) -> Option<Twins> {
    fn folded(member: &Member) -> impl Iterator<Item = u8> {
        member.key.bytes().map(|byte| byte.to_ascii_lowercase())
    }
    let is_twin = |(one, other): &(&Member, &Member)| one.key.eq_ignore_ascii_case(&other.key);
    let pairs = |(at, one)| members[at + 1..].iter().map(move |other| (one, other));
    if members.len() <= FEW
        && !members
            .iter()
            .enumerate()
            .flat_map(pairs)
            .any(|own| is_twin(&own))
    {
        return None;
    }
    let mut sorted: Vec<&Member> = members.iter().collect();
    sorted.sort_by(|one, next| folded(one).cmp(folded(next)));
    let neighbours = sorted.iter().copied().zip(sorted.iter().copied().skip(1));
    let twins = neighbours.filter(is_twin);
    let (first, second) = twins.min_by_key(|(_, second)| second.key_span.start)?;
    Some(Twins {
        key: second.key.to_string(),
        first: first.key_span.start,
        second: second.key_span.start,
        differ_by_case: *first.key != *second.key,
    })
}
