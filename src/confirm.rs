//! Asking a person. Only where standard input and standard error are both
//! terminals: `dialoguer` alone looks at standard error, and then reads
//! `/dev/tty` although the input is a pipe.

use std::io::{self, BufRead, IsTerminal};

use dialoguer::Select;

use crate::document::Candidate;
use crate::interrupt;
use crate::plan::{Choice, Question, Target};
use crate::report::{self, escape::one_line};
use crate::value::Value;

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
pub fn is_interactive() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks whether to write a policy; of several, with its turn among them, also
/// about the rest.
///
/// # Errors
/// If the terminal fails.
pub fn write(what: &str, turn: Option<(usize, usize)>) -> io::Result<Answer> {
    interrupt::heed();
    let what = one_line(what);
    let (question, wanted) = match turn {
        Some((own, all)) => (
            format!("({own}/{all}) Write {what}? [y/N/a/q] "),
            "answer y (yes), n (no), a (all the rest) or q (quit)\n",
        ),
        None => (format!("Write {what}? [y/N] "), "answer y or n\n"),
    };
    loop {
        report::say(&question);
        let mut line = Vec::new();
        io::stdin().lock().read_until(b'\n', &mut line)?;
        // Ctrl-D ends it without an answer.
        let Some(line) = line.strip_suffix(b"\n") else {
            report::say("\n");
            return Ok(Answer::No);
        };
        if let Some(answer) = parse(&String::from_utf8_lossy(line), turn.is_some()) {
            return Ok(answer);
        }
        report::say(wanted);
    }
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

/// Asks which policy of a host is meant; nothing if the menu is left.
///
/// # Errors
/// If the terminal fails.
pub fn choose_policy<'c>(
    name: &str,
    candidates: &'c [Candidate],
) -> io::Result<Option<&'c Candidate>> {
    let item = |candidate: &Candidate| {
        let text = format!("{candidate}, line {}", candidate.at.line);
        one_line(&text)
    };
    let prompt = format!(
        "{} holds {} policies; take",
        one_line(name),
        candidates.len()
    );
    let index = menu(&prompt, &candidates.iter().map(item).collect::<Vec<_>>())?;
    Ok(index.and_then(|index| candidates.get(index)))
}

/// Asks which statement is meant: one of these, or a new one; nothing if the
/// menu is left. `spell` puts expressions as they are written.
///
/// # Errors
/// If the terminal fails.
pub fn choose(
    name: &str,
    question: &Question,
    value: &Value,
    spell: &dyn Fn(&str) -> String,
) -> io::Result<Option<Choice>> {
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
    let index = menu(&one_line(&prompt), &items)?;
    let choice = |own: Option<&Target>| own.map_or(Choice::New, |own| Choice::answer(own, value));
    Ok(index.map(|index| choice(candidates.get(index))))
}

/// The item that is taken; nothing after Esc or `q`.
fn menu(prompt: &str, items: &[String]) -> io::Result<Option<usize>> {
    let _menu = interrupt::menu();
    let menu = Select::new().with_prompt(prompt).items(items).default(0);
    menu.interact_opt().map_err(|dialoguer::Error::IO(error)| {
        if error.kind() == io::ErrorKind::Interrupted {
            interrupt::ctrl_c();
        }
        error
    })
}
