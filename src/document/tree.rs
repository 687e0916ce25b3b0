//! Where the nodes of a policy's text stand, in any syntax.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

use json_patch::jsonptr::{Pointer, PointerBuf};

/// A value's place in the text, in bytes, and what it holds.
#[derive(Debug, Clone)]
pub struct Node {
    /// From its first byte to behind its last.
    pub span: Range<usize>,
    pub kind: Kind,
    /// How the syntax writes it.
    pub form: Form,
    /// What the host calls it, if it is written elsewhere than it is used.
    pub origin: Option<Origin>,
}

/// The nodes of a policy's text.
#[derive(Debug, Clone)]
pub struct Tree {
    root: OnceLock<Node>,
    /// Whether the text is JSON from its first byte to its last, and no more
    /// is to be known of its nodes than that.
    is_json: bool,
}

impl Tree {
    /// That of a JSON text that `serde_json` has taken: it is read when
    /// somebody asks for it, since most edits need one place alone.
    pub fn of_json() -> Self {
        Self {
            root: OnceLock::new(),
            is_json: true,
        }
    }

    /// Its root. `text` is the policy's.
    pub fn root(&self, text: &str) -> &Node {
        let unread = || Node::new(0..text.len(), Kind::Scalar);
        self.root
            .get_or_init(|| Node::parse(text).unwrap_or_else(|_| unread()))
    }

    /// Says when the whole counts, unless that is said already.
    pub fn say_origin(&mut self, origin: Option<Origin>) {
        if let Some(root) = self.root.get_mut() {
            root.origin = root.origin.take().or(origin);
        }
    }

    /// Whether its nodes hold no more than their places: nothing in it is
    /// defined elsewhere.
    pub fn is_bare(&self) -> bool {
        self.is_json
    }

    /// The place of the node at a pointer, or of the nearest one above it.
    pub fn place(&self, text: &str, pointer: &Pointer) -> Range<usize> {
        self.root(text).nearest(pointer).span.clone()
    }
}

impl From<Node> for Tree {
    fn from(root: Node) -> Self {
        Self {
            root: OnceLock::from(root),
            is_json: false,
        }
    }
}

/// A definition that a value is written in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// What the host calls it: `local.accounts`.
    pub name: String,
    /// Whether it is what counts only if nobody says otherwise.
    pub is_default: bool,
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
    Accounts { prefix: String, suffix: String },
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
    pub key: String,
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
        }
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
    pub fn visit(&self, at: &PointerBuf, f: &mut impl FnMut(&PointerBuf, &Self)) {
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

fn twins_of(members: &[Member]) -> Option<Twins> {
    let mut seen: HashMap<String, &Member> = HashMap::with_capacity(members.len());
    for member in members {
        if let Some(first) = seen.insert(member.key.to_ascii_lowercase(), member) {
            return Some(Twins {
                key: member.key.clone(),
                first: first.key_span.start,
                second: member.key_span.start,
                differ_by_case: first.key != member.key,
            });
        }
    }
    None
}
