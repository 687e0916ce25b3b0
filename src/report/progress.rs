//! That something is still under way.

use console::Term;

use crate::source::Argument;

/// A line on standard error, if that is a terminal, until it is dropped. It
/// does not turn: that takes a thread, and there may be none.
#[derive(Debug)]
pub struct Waiting(Option<Term>);

pub fn waiting(message: &str) -> Waiting {
    let terminal = Some(Term::stderr()).filter(Term::is_term);
    if let Some(terminal) = &terminal {
        let _ = terminal.write_str(message);
    }
    Waiting(terminal)
}

/// While live keys are asked for, if there are any.
pub fn waiting_for_keys(arguments: &[Argument]) -> Option<Waiting> {
    let is_key = |argument: &Argument| matches!(argument, Argument::Key(_));
    let any = arguments.iter().any(is_key);
    any.then(|| waiting("asking KMS…"))
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(terminal) = &self.0 {
            let _ = terminal.clear_line();
        }
    }
}
