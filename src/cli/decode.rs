//! `chatproof decode`: frames to trees.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::{exit::Exit, output::Output};
use crate::protocol::{
    sockjs::{self, ServerFrame},
    tree::{self, Direction, Secrets},
};

/// Show what is inside MSync frames
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, long_about = SHAPE)]
pub struct Arguments {
    /// Files with frames; `-` is stdin [default: stdin]
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// How frames are written
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Which way they went, where their form does not tell
    #[arg(long, value_enum, default_value_t)]
    pub direction: Way,
    /// Hide tokens and passwords
    #[arg(long)]
    pub redact: bool,
    /// Spread each tree over several lines
    #[arg(long)]
    pub pretty: bool,
}

/// How frames are written.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub enum Format {
    /// Whatever each line looks like; raw for what is no text
    #[default]
    Auto,
    /// One frame a line, standard base64 with padding
    Base64,
    /// One frame a line, hexadecimal digits, spaces between them allowed
    Hex,
    /// One SockJS frame a line, of either side; each of its messages becomes a tree
    Sockjs,
    /// Bare bytes; each file is one frame
    Raw,
}

/// Which way frames went.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub enum Way {
    /// What the frame looks like
    #[default]
    Auto,
    /// From a client to a server
    Up,
    /// From a server to a client
    Down,
}

const EXAMPLES: &str = "\
Examples:
  chatproof decode frames.txt
  echo CABAAVgA | chatproof decode
  echo '[\"CABAAVgA\"]' | chatproof decode --format sockjs
  chatproof decode --format raw --pretty capture.bin
  chatproof encode messages.jsonl | chatproof decode";

const SHAPE: &str = "\
Show what is inside MSync frames: one JSON tree a frame, one line each.

A tree has the fields of the frame under their names, in the order in which they stand. Integers of
64 bits are strings of digits, enum values their names (a number where there is none), bytes
hexadecimal. Payloads are decoded by the frame's command and the item's namespace. Beside the fields
stand, where there is something to say:
  message   the type of the frame or payload
  numbers   the field number of each name
  unknown   fields that the schema does not know: number, wireType, hex
  earlier   values of a field that stands more than once; the last one counts
  remarks   what the SDK would not write: odd order, needless bytes, packing

SockJS frames without a message become {\"sockjs\": \"open\"}, {\"sockjs\": \"heartbeat\"} or
{\"sockjs\": \"close\", \"code\": …, \"reason\": …}. A broken frame becomes {\"error\": …, \"offset\": …} in
its place, and the exit code is 1 at the end; the offset counts the bytes of the frame, or of the
text where that is what cannot be read.

In auto, a line is SockJS if it looks so, the output of `encode` if it is a JSON object, hexadecimal
if it has only such digits and a tree inside, else base64. Tokens are shown unless --redact is given.";

/// Runs the command.
pub(super) fn run(arguments: Arguments, _output: &Output) -> Exit {
    let mut decoder = Decoder {
        format: arguments.format,
        direction: match arguments.direction {
            Way::Auto => Direction::Unknown,
            Way::Up => Direction::Up,
            Way::Down => Direction::Down,
        },
        secrets: if arguments.redact { Secrets::Hidden } else { Secrets::Shown },
        pretty: arguments.pretty,
        broken: false,
    };
    let files = if arguments.files.is_empty() { vec![PathBuf::from("-")] } else { arguments.files };
    let mut out = io::stdout().lock();
    for path in files {
        let input: Box<dyn Read> = if path == Path::new("-") {
            Box::new(io::stdin().lock())
        } else {
            match File::open(&path) {
                Ok(file) => Box::new(file),
                Err(error) => return Exit::Usage.because(&format!("read {}", path.display()), &error),
            }
        };
        match decoder.decode(&mut BufReader::new(input), &mut out) {
            Ok(()) => {}
            Err(Failure::Read(error)) => {
                return Exit::Usage.because(&format!("read {}", path.display()), &error);
            }
            Err(Failure::Write(error)) => return Exit::written(Err(error)),
        }
    }
    match Exit::written(out.flush()) {
        Exit::Good if decoder.broken => Exit::Bad,
        exit => exit,
    }
}

/// Which side failed.
#[derive(Debug)]
enum Failure {
    Read(io::Error),
    Write(io::Error),
}

/// A frame that cannot be shown.
#[derive(Debug)]
struct Broken {
    error: String,
    offset: usize,
}

/// Turns frames into trees and remembers whether one was broken.
#[derive(Debug)]
struct Decoder {
    format: Format,
    direction: Direction,
    secrets: Secrets,
    pretty: bool,
    broken: bool,
}

impl Decoder {
    fn decode(&mut self, input: &mut impl BufRead, out: &mut impl Write) -> Result<(), Failure> {
        let raw = match self.format {
            Format::Raw => true,
            Format::Auto => !is_text(input.fill_buf().map_err(Failure::Read)?),
            Format::Base64 | Format::Hex | Format::Sockjs => false,
        };
        if raw {
            let mut frame = Vec::new();
            input.read_to_end(&mut frame).map_err(Failure::Read)?;
            let tree = self.tree(&frame, self.direction);
            return self.print(tree, out);
        }
        let mut line = Vec::new();
        while input.read_until(b'\n', &mut line).map_err(Failure::Read)? > 0 {
            match str::from_utf8(&line).map(str::trim) {
                Ok("") => {}
                Ok(text) => {
                    for tree in self.line(text) {
                        self.print(tree, out)?;
                    }
                }
                Err(error) => {
                    let offset = error.valid_up_to();
                    self.print(Err(Broken { error: "the line is not UTF-8".to_owned(), offset }), out)?;
                }
            }
            line.clear();
        }
        Ok(())
    }

    /// The trees of one line.
    fn line(&self, text: &str) -> Vec<Result<Value, Broken>> {
        match self.format {
            Format::Sockjs => self.sockjs(text),
            Format::Hex => vec![self.hex(text)],
            Format::Base64 | Format::Raw => vec![self.base64(text)],
            Format::Auto if looks_sockjs(text) => self.sockjs(text),
            Format::Auto if text.starts_with('{') => vec![self.encoded(text)],
            Format::Auto => {
                // Hexadecimal digits are base64, too; a tree tells which of them was meant.
                vec![match (self.hex(text), self.base64(text)) {
                    (Ok(tree), _) | (Err(_), Ok(tree)) => Ok(tree),
                    (Err(broken), Err(_)) if only_hex(text) => Err(broken),
                    (Err(_), Err(broken)) => Err(broken),
                }]
            }
        }
    }

    fn sockjs(&self, text: &str) -> Vec<Result<Value, Broken>> {
        let (messages, direction) = if text.starts_with('[') {
            (sockjs::parse_client_frame(text), Direction::Up)
        } else {
            match ServerFrame::parse(text) {
                Ok(ServerFrame::Open) => return vec![Ok(json!({"sockjs": "open"}))],
                Ok(ServerFrame::Heartbeat) => return vec![Ok(json!({"sockjs": "heartbeat"}))],
                Ok(ServerFrame::Close { code, reason }) => {
                    return vec![Ok(json!({"sockjs": "close", "code": code, "reason": reason}))];
                }
                Ok(ServerFrame::Messages(messages)) => (Ok(messages), Direction::Down),
                Err(malformed) => (Err(malformed), Direction::Down),
            }
        };
        // What the caller says beats what the frame says.
        let direction = if self.direction == Direction::Unknown { direction } else { self.direction };
        match messages {
            Ok(messages) => messages
                .iter()
                .map(|message| self.tree(&sockjs::decode_message(message)?, direction))
                .collect(),
            Err(malformed) => vec![Err(malformed.into())],
        }
    }

    fn base64(&self, text: &str) -> Result<Value, Broken> {
        self.tree(&sockjs::decode_message(text)?, self.direction)
    }

    fn hex(&self, text: &str) -> Result<Value, Broken> {
        let mut digits = Vec::with_capacity(text.len());
        for (offset, character) in text.char_indices() {
            match character.to_digit(16) {
                Some(digit) => digits.push(digit as u8),
                None if character.is_ascii_whitespace() => {}
                None => return Err(Broken { error: "expected hexadecimal digits".to_owned(), offset }),
            }
        }
        let (pairs, rest) = digits.as_chunks::<2>();
        if !rest.is_empty() {
            let error = "expected an even number of hexadecimal digits".to_owned();
            return Err(Broken { error, offset: text.len() });
        }
        let frame: Vec<u8> = pairs.iter().map(|[high, low]| high << 4 | low).collect();
        self.tree(&frame, self.direction)
    }

    /// A line that `encode` printed.
    fn encoded(&self, text: &str) -> Result<Value, Broken> {
        let broken = |error: String, offset| Broken { error, offset };
        let line: Value = serde_json::from_str(text)
            .map_err(|error| broken(format!("expected JSON: {error}"), error.column().saturating_sub(1)))?;
        let base64 = line["protobuf_base64"]
            .as_str()
            .ok_or_else(|| broken("expected an object with protobuf_base64".to_owned(), 0))?;
        let frame = STANDARD
            .decode(base64)
            .map_err(|error| broken(format!("protobuf_base64 cannot be read: {error}"), 0))?;
        self.tree(&frame, self.direction)
    }

    fn tree(&self, frame: &[u8], direction: Direction) -> Result<Value, Broken> {
        tree::decode(frame, direction, self.secrets)
            .map_err(|broken| Broken { error: broken.problem.to_string(), offset: broken.offset })
    }

    fn print(&mut self, tree: Result<Value, Broken>, out: &mut impl Write) -> Result<(), Failure> {
        let shown = tree.unwrap_or_else(|Broken { error, offset }| {
            self.broken = true;
            json!({"error": error, "offset": offset})
        });
        let text = if self.pretty { format!("{shown:#}") } else { shown.to_string() };
        writeln!(out, "{text}").map_err(Failure::Write)
    }
}

impl From<sockjs::Malformed> for Broken {
    fn from(malformed: sockjs::Malformed) -> Self {
        let sockjs::Malformed { expected, got, offset } = malformed;
        Self { error: format!("expected {expected}, got {got}"), offset }
    }
}

/// Whether bytes are lines of text: no control characters but white space.
fn is_text(beginning: &[u8]) -> bool {
    beginning.iter().all(|byte| !byte.is_ascii_control() || matches!(byte, b'\t' | b'\n' | b'\r'))
        && match str::from_utf8(beginning) {
            Ok(_) => true,
            // A character may be cut at the end of what has been read.
            Err(error) => error.error_len().is_none(),
        }
}

/// Whether a line has hexadecimal digits and nothing else.
fn only_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a line begins as a SockJS frame and as no base64.
fn looks_sockjs(text: &str) -> bool {
    matches!(text, "o" | "h") || ["[", "a[", "c[", "m\""].iter().any(|start| text.starts_with(start))
}

#[cfg(test)]
mod tests;
