//! Asking a person. Only where standard input and standard error are both
//! terminals: `dialoguer` alone looks at standard error, and then reads
//! `/dev/tty` although the input is a pipe.

use std::fmt;
use std::io::{self, IsTerminal};
use std::sync::{Mutex, MutexGuard, PoisonError};

use dialoguer::theme::Theme;
use dialoguer::{Confirm, Input, Select};

use crate::document::Candidate;
use crate::plan::Target;
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

/// The question as it was asked, and the answer as it was typed behind it:
/// `dialoguer` turns `[y/N]` into `[Y/n]` and then into `yes`.
struct AsTyped;

impl Theme for AsTyped {
    fn format_confirm_prompt(
        &self,
        f: &mut dyn fmt::Write,
        prompt: &str,
        answer: Option<bool>,
    ) -> fmt::Result {
        // The default is no, so that a yes was typed.
        let typed = if answer == Some(true) { "y" } else { "" };
        write!(f, "{prompt} [y/N] {typed}")
    }

    fn format_confirm_prompt_selection(
        &self,
        f: &mut dyn fmt::Write,
        prompt: &str,
        answer: Option<bool>,
    ) -> fmt::Result {
        let typed = if answer == Some(true) { "y" } else { "n" };
        write!(f, "{prompt} [y/N] {typed}")
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
    let question = format!("Write {}?", one_line(name));
    if !several {
        let yes = Confirm::with_theme(&AsTyped)
            .with_prompt(question)
            .default(false)
            .wait_for_newline(true)
            .interact();
        return Ok(if answer(yes)? {
            Answer::Yes
        } else {
            Answer::No
        });
    }
    let text = Input::<String>::new()
        .with_prompt(format!("{question} [y]es, [N]o, [a]ll the rest, [q]uit"))
        .allow_empty(true)
        .validate_with(|text: &String| parse(text).map(|_| ()).ok_or("answer y, n, a or q"))
        .interact_text();
    Ok(parse(&answer(text)?).unwrap_or(Answer::No))
}

fn parse(text: &str) -> Option<Answer> {
    match text.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Some(Answer::Yes),
        "" | "n" | "no" => Some(Answer::No),
        "a" | "all" => Some(Answer::All),
        "q" | "quit" => Some(Answer::Quit),
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
        let text = format!("{}, line {}", candidate.address, candidate.at.line);
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

/// Asks which statement the accounts go into: one of these, or (nothing) a
/// new one. `spell` puts expressions as they are written.
///
/// # Errors
/// If the terminal fails.
pub fn choose<'t>(
    name: &str,
    candidates: &'t [Target],
    sid: &str,
    spell: &dyn Fn(&str) -> String,
) -> io::Result<Option<&'t Target>> {
    restore_cursor_on_interrupt();
    let mut items: Vec<String> = candidates
        .iter()
        .map(|candidate| one_line(&spell(&format!("add to {}", candidate.name()))))
        .collect();
    items.push(format!("insert a new statement, \"{sid}\""));
    let prompt = format!(
        "{}: no statement has the Sid \"{sid}\"; take",
        one_line(name)
    );
    let index = Select::new()
        .with_prompt(prompt)
        .items(&items)
        .default(0)
        .interact();
    Ok(candidates.get(answer(index)?))
}
