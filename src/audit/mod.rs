//! Questions about a policy that change nothing.

pub mod check;
pub mod list;
pub mod room;
