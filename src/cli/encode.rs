//! `chatproof encode`: logical messages to frames.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Write},
    path::PathBuf,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use clap::Args;
use serde::Serialize;

use super::{exit::Exit, output::Output};
use crate::protocol::{
    generation::{Generation, Wire},
    line::{Line, Refused},
    sockjs,
    time::Moment,
    uplink::{Device, Identity, Sender},
};

/// The app of the demo world.
const APP_KEY: &str = "easemob-demo#chatdemoui";
/// A user of the demo world.
const USER: &str = "alice";
/// 2022-01-01T00:00:00Z: the default resource must not change from run to run.
const LOGIN: Moment = Moment::from_millis(1_640_995_200_000);

/// Turn logical messages (JSON lines) into the frames that the SDK would send
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, long_about = KEYS)]
pub struct Arguments {
    /// Files with one JSON object a line [default: stdin]
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The app that the sender belongs to: ORG#APP
    #[arg(long, value_name = "ORG#APP", default_value = APP_KEY)]
    pub appkey: String,
    /// The sender's device [default: one as the SDK names it]
    #[arg(long, value_name = "NAME")]
    pub resource: Option<String>,
    /// SDK generation to sound like: 3.6.3, 4.0.8 or 4.21.1
    #[arg(long, value_name = "VERSION", default_value_t)]
    pub generation: Generation,
}

const EXAMPLES: &str = "\
Examples:
  chatproof encode messages.jsonl
  chatproof encode --generation 4.21.1 --resource webim_web_1 < messages.jsonl
  echo '{\"type\":\"txt\",\"id\":1,\"to\":\"bob\",\"msg\":\"hi\"}' | chatproof encode";

const KEYS: &str = "\
Turn logical messages (JSON lines) into the frames that the SDK would send.

Each line becomes {\"protobuf_base64\": …, \"sockjs_text\": …}; sockjs_text is null where the
generation speaks raw WebSocket. A refused line becomes {\"error\": …}, and the exit code is 1.

Keys of a line:
  type        txt, img, file, audio, video, loc, cmd, custom, read, delivery, channel, recall
  id          the local id of the frame, a number or a string
  from        the sending user [default: alice]
  to          a user, group or chat room
  chatType    singleChat (default), groupChat, chatRoom
  ext         the message's extension
  msgConfig   {\"allowGroupAck\": true} asks a group for read receipts
  msg         txt
  url, secret, filename, file_length, width, height, length
              img, file, audio, video: what the upload gave
  addr, lat, lng, buildingName
              loc
  action      cmd
  customEvent, customExts
              custom
  ackId       read, delivery: the server id of the message
  ackContent  read
  mid         recall: the server id of the message
  api         old (new WebIM.message) or new (WebIM.message.create), since 4.0
  traceId     the frame's trace id, since 4.21.1";

/// What one line becomes.
#[derive(Serialize)]
#[serde(untagged)]
enum Encoded {
    Frame { protobuf_base64: String, sockjs_text: Option<String> },
    Refused { error: String },
}

/// Runs the command.
pub(super) fn run(arguments: Arguments, _output: &Output) -> Exit {
    let generation = arguments.generation;
    let resource = arguments.resource.unwrap_or_else(|| Device::Stamped(LOGIN).resource(generation));
    let mut encoder = Encoder { generation, app_key: arguments.appkey, resource, refused: false };
    let written = if arguments.files.is_empty() {
        encoder.encode(&mut io::stdin().lock(), &mut io::stdout().lock())
    } else {
        let mut written = Ok(());
        for path in arguments.files {
            let file = match File::open(&path) {
                Ok(file) => file,
                Err(error) => {
                    return Exit::Usage.because(&format!("read {}", path.display()), &error);
                }
            };
            written = encoder.encode(&mut BufReader::new(file), &mut io::stdout().lock());
            if written.is_err() {
                break;
            }
        }
        written
    };
    match Exit::written(written) {
        Exit::Good if encoder.refused => Exit::Bad,
        exit => exit,
    }
}

/// Turns lines into frames and remembers whether it refused one.
struct Encoder {
    generation: Generation,
    app_key: String,
    resource: String,
    refused: bool,
}

impl Encoder {
    /// Answers each line of `from` with one on `to`, at once; empty lines are passed over.
    fn encode(&mut self, from: &mut impl BufRead, to: &mut impl Write) -> io::Result<()> {
        let mut bytes = Vec::new();
        while from.read_until(b'\n', &mut bytes)? > 0 {
            if !bytes.trim_ascii().is_empty() {
                let encoded = self.line(&bytes);
                self.refused |= matches!(encoded, Encoded::Refused { .. });
                let mut answer = serde_json::to_vec(&encoded)?;
                answer.push(b'\n');
                to.write_all(&answer)?;
            }
            bytes.clear();
        }
        to.flush()
    }

    fn line(&self, bytes: &[u8]) -> Encoded {
        let text = match std::str::from_utf8(bytes.trim_ascii()) {
            Ok(text) => text,
            Err(error) => return Encoded::Refused { error: error.to_string() },
        };
        match self.frame(text) {
            Ok(frame) => {
                let sockjs_text = match self.generation.wire() {
                    Wire::SockJs => Some(sockjs::client_frame(&frame)),
                    Wire::Raw => None,
                };
                Encoded::Frame { protobuf_base64: STANDARD.encode(frame), sockjs_text }
            }
            Err(refused) => Encoded::Refused { error: refused.to_string() },
        }
    }

    fn frame(&self, text: &str) -> Result<bytes::Bytes, Refused> {
        let Line { from, trace, outgoing } = Line::read(self.generation, text)?;
        let sender = Sender {
            generation: self.generation,
            identity: Identity {
                app_key: self.app_key.clone(),
                user: from.unwrap_or_else(|| USER.to_owned()),
                resource: self.resource.clone(),
            },
        };
        Ok(sender.message(&outgoing, trace))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(generation: Generation, lines: &[u8]) -> (Vec<serde_json::Value>, bool) {
        let mut encoder = Encoder {
            generation,
            app_key: APP_KEY.to_owned(),
            resource: Device::Stamped(LOGIN).resource(generation),
            refused: false,
        };
        let mut out = Vec::new();
        encoder.encode(&mut &lines[..], &mut out).unwrap();
        let out = String::from_utf8(out).unwrap();
        (out.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), encoder.refused)
    }

    #[test]
    fn each_line_is_answered_in_its_place() {
        let lines = b"{\"type\":\"channel\",\"id\":1,\"to\":\"bob\"}\n\n\xff\n\r\n{\"type\":1}";
        let (answers, refused) = answers(Generation::V3_6_3, lines);
        assert_eq!(answers.len(), 3);
        let base64 = answers[0]["protobuf_base64"].as_str().unwrap();
        assert_eq!(answers[0]["sockjs_text"], format!("[\"{base64}\"]"));
        assert!(answers[1]["error"].as_str().unwrap().contains("utf-8"));
        assert_eq!(answers[2]["error"], "\"type\" must be a string, got 1");
        assert!(refused);
    }

    #[test]
    fn raw_generations_have_no_sockjs_text() {
        let (answers, refused) =
            answers(Generation::V4_21_1, b"{\"type\":\"channel\",\"id\":1,\"to\":\"bob\"}\n");
        assert!(answers[0]["sockjs_text"].is_null() && answers[0]["protobuf_base64"].is_string());
        assert!(!refused);
    }
}
