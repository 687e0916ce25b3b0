//! Asking a person. Only where standard input and standard error are both
//! terminals: `dialoguer` alone looks at standard error, and then reads
//! `/dev/tty` although the input is a pipe.

use std::fmt;
use std::io::{self, IsTerminal};
use std::sync::{Mutex, MutexGuard, PoisonError};

use dialoguer::theme::Theme;
use dialoguer::{Input, Select};

use crate::document::Candidate;
use crate::plan::{Question, Target};
use crate::report::escape::one_line;

/// A person's answer about one policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Write it.
    Yes,
    /// Leave it.
    No,
    /// Write it and all the rest.
    All,
    /// Leave it and all the rest.
    Quit,
}

/// Whether there is somebody to ask.
#[must_use]
pub fn is_interactive() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// The question as it is asked, and behind it the answer as it was typed.
struct AsTyped;

impl Theme for AsTyped {
    fn format_input_prompt(
        &self,
        f: &mut dyn fmt::Write,
        prompt: &str,
        _default: Option<&str>,
    ) -> fmt::Result {
        write!(f, "{prompt} ")
    }

    fn format_input_prompt_selection(
        &self,
        f: &mut dyn fmt::Write,
        prompt: &str,
        typed: &str,
    ) -> fmt::Result {
        write!(f, "{prompt} {typed}")
    }
}

/// A prompt hides the cursor, and Ctrl-C would leave it so.
fn restore_cursor_on_interrupt() {
    // Fails only if it is set already.
    let _ = ctrlc::set_handler(|| interrupted());
}

/// The key whose put is under way: an interruption leaves its outcome unknown.
static PUTTING: Mutex<Option<String>> = Mutex::new(None);

fn putting() -> MutexGuard<'static, Option<String>> {
    PUTTING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A put that is under way until it is dropped.
#[derive(Debug)]
pub struct DuringAPut(());

/// Lets Ctrl-C say what it leaves behind.
#[must_use]
pub fn during_a_put(name: &str) -> DuringAPut {
    restore_cursor_on_interrupt();
    *putting() = Some(name.to_owned());
    DuringAPut(())
}

impl Drop for DuringAPut {
    fn drop(&mut self) {
        *putting() = None;
    }
}

fn interrupted() -> ! {
    let terminal = console::Term::stderr();
    let _ = terminal.show_cursor();
    let _ = terminal.write_line("");
    if let Some(name) = putting().as_deref() {
        let _ = terminal.write_line(&format!(
            "{}: interrupted; whether the policy was put is not known: run the same command again, it looks first",
            one_line(name)
        ));
    }
    std::process::exit(130)
}

fn answer<T>(result: dialoguer::Result<T>) -> io::Result<T> {
    result.map_err(|dialoguer::Error::IO(error)| {
        if error.kind() == io::ErrorKind::Interrupted {
            interrupted();
        }
        error
    })
}

/// Asks whether to write a policy; with `several`, also about the rest.
///
/// # Errors
/// If the terminal fails.
pub fn write(name: &str, several: bool) -> io::Result<Answer> {
    restore_cursor_on_interrupt();
    let (answers, wanted) = if several {
        (
            "[y]es, [N]o, [a]ll the rest, [q]uit:",
            "answer y, n, a or q",
        )
    } else {
        ("[y/N]", "answer y or n")
    };
    // Not dialoguer's Confirm: to that, `not yet` is a yes, for its `y`.
    let text = Input::<String>::with_theme(&AsTyped)
        .with_prompt(format!("Write {}? {answers}", one_line(name)))
        .allow_empty(true)
        .validate_with(|text: &String| parse(text, several).map(|_| ()).ok_or(wanted))
        .interact_text();
    Ok(parse(&answer(text)?, several).unwrap_or(Answer::No))
}

/// The answer that a line is.
fn parse(text: &str, several: bool) -> Option<Answer> {
    match text.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Some(Answer::Yes),
        "" | "n" | "no" => Some(Answer::No),
        "a" | "all" if several => Some(Answer::All),
        "q" | "quit" if several => Some(Answer::Quit),
        _ => None,
    }
}

/// Asks which policy of a host is meant.
///
/// # Errors
/// If the terminal fails.
pub fn choose_policy<'c>(
    name: &str,
    candidates: &'c [Candidate],
) -> io::Result<Option<&'c Candidate>> {
    restore_cursor_on_interrupt();
    let item = |candidate: &Candidate| {
        let text = format!("{candidate}, line {}", candidate.at.line);
        one_line(&text)
    };
    let items: Vec<String> = candidates.iter().map(item).collect();
    let prompt = format!(
        "{} holds {} policies; take",
        one_line(name),
        candidates.len()
    );
    let index = Select::new()
        .with_prompt(prompt)
        .items(&items)
        .default(0)
        .interact();
    Ok(candidates.get(answer(index)?))
}

/// Asks which statement is meant: one of these, or (nothing) a new one.
/// `spell` puts expressions as they are written.
///
/// # Errors
/// If the terminal fails.
pub fn choose<'t>(
    name: &str,
    question: &'t Question,
    spell: &dyn Fn(&str) -> String,
) -> io::Result<Option<&'t Target>> {
    restore_cursor_on_interrupt();
    let Question {
        refusal,
        candidates,
        sid,
    } = question;
    let mut items: Vec<String> = candidates
        .iter()
        .map(|candidate| one_line(&spell(&candidate.name())))
        .collect();
    items.push(one_line(&format!("a new statement, \"{sid}\"")));
    let prompt = format!("{name}: {}; take", spell(&refusal.message));
    let index = Select::new()
        .with_prompt(one_line(&prompt))
        .items(&items)
        .default(0)
        .interact();
    Ok(candidates.get(answer(index)?))
}
