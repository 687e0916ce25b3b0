//! Yes, no, and what nobody can tell.

/// What can be said of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Truth {
    /// It does not hold.
    False,
    /// It rests on something that the policy does not say.
    Unknown,
    /// It holds.
    True,
}

impl Truth {
    pub fn opposite(self) -> Self {
        match self {
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
            Self::True => Self::False,
        }
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }
}

/// All that a condition may be, for one text or another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Truths(u8);

impl Truths {
    const ALL: [Truth; 3] = [Truth::False, Truth::Unknown, Truth::True];

    /// That nothing can be told.
    pub fn any() -> Self {
        Self::ALL.into_iter().collect()
    }

    pub fn insert(&mut self, truth: Truth) {
        self.0 |= 1 << truth as u8;
    }

    pub fn has(self, truth: Truth) -> bool {
        self.0 & (1 << truth as u8) != 0
    }

    pub fn iter(self) -> impl Iterator<Item = Truth> {
        Self::ALL.into_iter().filter(move |own| self.has(*own))
    }

    /// The one that it is, whatever the text.
    pub fn only(self) -> Option<Truth> {
        let mut all = self.iter();
        all.next().filter(|_| all.next().is_none())
    }

    /// What two may come to together, where neither tells of the other.
    pub fn with(self, other: Self, join: impl Fn(Truth, Truth) -> Truth) -> Self {
        let pairs = self
            .iter()
            .flat_map(|one| other.iter().map(move |two| (one, two)));
        pairs.map(|(one, two)| join(one, two)).collect()
    }
}

impl FromIterator<Truth> for Truths {
    fn from_iter<I: IntoIterator<Item = Truth>>(truths: I) -> Self {
        let mut all = Self::default();
        truths.into_iter().for_each(|truth| all.insert(truth));
        all
    }
}

impl From<Truth> for Truths {
    fn from(truth: Truth) -> Self {
        [truth].into_iter().collect()
    }
}
