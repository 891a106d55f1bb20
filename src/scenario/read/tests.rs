//! What a file may say, and what it says of a file's mistakes.

use insta::assert_snapshot;
use proptest::prelude::*;

use super::*;
use crate::scenario::{
    Ink,
    model::{Action, Address, Deed, Load, Message, Model, Performer, Refused, Shape},
    threshold::Statistic,
};

/// The example of the design, word for word.
const NOTICE: &str = r#"scenario: group-read-receipts
title: Members read a notice; its sender counts them
cites: [消息回执]                 # headings of the document
requires: [group-ack]             # capabilities of the target; else not-applicable
actors:
  owner: 1
  member: {count: 20, delivery: true, transport: sockjs}
world:                            # made true before the first step (REST), removed after
  groups:
    team: {owner: owner, members: [member]}
steps:
  - owner: {send: {type: txt, to: team, msg: "notice {{ iteration }}", allowGroupAck: true}, as: notice}
  - each: member
    steps:
      - self: {expect: onTextMessage, where: "event.id == notice.mid", within: 2s}
      - self: {read: {message: notice, ackContent: "{}"}}
  - owner: {expect: onReadMessage, where: "event.groupReadCount == 20", within: 5s}
  - owner: {readers: {message: notice}, as: readers}
  - check: "readers.count == 20"
load: {model: open, rate: 10/s, casts: 40, for: 30s, ramp: 5s}
thresholds:
  - send.txt.p99 < 50ms
  - deliver.txt.p99 < 100ms
  - errors == 0
"#;

/// A scenario whose steps are given, indented by two.
fn with_steps(steps: &str) -> String {
    format!(
        "scenario: test\nactors:\n  alice: 1\n  bob: 1\n  member: {{count: 3}}\nworld:\n  groups:\n    \
         team: {{owner: alice, members: [bob, member]}}\nsteps:\n{steps}\n"
    )
}

fn titles(text: &str) -> Vec<String> {
    match read("test.yaml", text) {
        Ok(_) => Vec::new(),
        Err(mistakes) => mistakes
            .iter()
            .map(|(place, mistake)| format!("{}:{}: {}", place.line, place.column, mistake.title()))
            .collect(),
    }
}

fn drawn(text: &str) -> String {
    read("test.yaml", text).expect_err("a mistake").render(Ink::Plain)
}

#[test]
fn a_scenario_says_what_its_file_says() {
    let scenario = read("notice.yaml", NOTICE).unwrap();
    assert_eq!((scenario.name.as_str(), scenario.actors.len()), ("group-read-receipts", 2));
    assert_eq!(scenario.requires, ["group-ack"]);
    assert_eq!(scenario.clients_per_cast(), 21);
    let member = &scenario.actors[1];
    assert!(member.delivery && member.login && member.is_group);
    let Action::Perform(send) = &scenario.steps[0].action else { panic!("a send") };
    assert_eq!(send.who, Performer::One(crate::scenario::model::ActorId(0), 0));
    assert_eq!(send.bind.as_deref(), Some("notice"));
    let Deed::Send(message) = &send.deed else { panic!("a send") };
    assert!(matches!(message.to, Address::Group(0)));
    let Message::Text(text) = &message.message else { panic!("a text") };
    assert_eq!(text.text(), "notice {{ iteration }}");
    let Some(Load { model: Model::Open { .. }, casts: 40, shape: Shape::Level { rate, ramp, hold }, .. }) =
        scenario.load
    else {
        panic!("an open load")
    };
    assert_eq!((rate, ramp, hold), (Some(10.0), Duration::from_secs(5), Some(Duration::from_secs(30))));
    assert_eq!(scenario.thresholds[0].statistic, Statistic::Quantile(0.99));
}

#[test]
fn places_are_those_of_the_file() {
    let scenario = read("test.yaml", &with_steps("  - alice: logout\n  - pause: 100ms")).unwrap();
    let places: Vec<_> = scenario.steps.iter().map(|step| (step.place.line, step.place.column)).collect();
    assert_eq!(places, [(10, 5), (11, 5)]);
}

#[test]
fn every_form_of_step_is_read() {
    let scenario = read(
        "test.yaml",
        &with_steps(
            r#"  - alice: drop
  - alice: reconnect
  - alice: {send: {to: bob, msg: hi, ext: {n: 1, deep: [true, "{{ iteration }}"]}}, as: hi, within: 1m30s}
  - bob: {expect: onTextMessage, from: alice, text: hi, count: 2, as: got}
  - bob: {send: {to: "93734273351681", chatType: groupChat, msg: x}, refused: 605}
  - member[1]: {send: {to: team, msg: x}, refused: muted}
  - bob: {never: onTextMessage, where: "event.from == alice.user", fence: alice}
  - repeat:
      times: 3
      as: round
      steps:
        - parallel:
            - alice: {send: {to: bob, msg: "{{ round }}"}, as: a}
            - bob: {send: {to: alice, msg: "b"}, as: b}
  - set: {both: "a.mid ~ b.mid"}
  - check: "both != '' and got|length == 2"
  - alice: {rest: {method: GET, path: "/chatgroups/{{ team.id }}"}, as: group}
  - check: "group.status == 200"
  - rest: {method: POST, path: /x, body: {a: ["{{ run.seed }}"]}, auth: none, status: 404}
  - member: {login: }"#,
        ),
    )
    .unwrap();
    assert_eq!(scenario.steps.len(), 14);
    let Action::Perform(refused) = &scenario.steps[4].action else { panic!("a send") };
    assert_eq!(refused.refused, Some(Refused::Code(605)));
    let Action::Perform(muted) = &scenario.steps[5].action else { panic!("a send") };
    assert_eq!(muted.who, Performer::One(crate::scenario::model::ActorId(2), 1));
}

#[test]
fn everything_wrong_is_said_at_once() {
    assert_snapshot!(drawn(&with_steps(
        r#"  - alice: {send: {to: bob, mgs: hello}, as: first}
  - bob: {expect: onTextMesage, within: 2}
  - bbo: logout
  - check: "frist.mid != ''"
  - alice: {send: {to: bob, msg: hi}, refused: 999}"#
    )), @r#"
    error: unknown key `mgs` in a message
      --> test.yaml:10:29
       |
    10 |   - alice: {send: {to: bob, mgs: hello}, as: first}
       |                             ^^^ not a key of this mapping
       |
       = help: did you mean `msg`?

    error: unknown event `onTextMesage`
      --> test.yaml:11:19
       |
    11 |   - bob: {expect: onTextMesage, within: 2}
       |                   ^^^^^^^^^^^^ no SDK calls this back
       |
       = help: did you mean `onTextMessage`?

    error: expected a length of time, found `2`
      --> test.yaml:11:41
       |
    11 |   - bob: {expect: onTextMesage, within: 2}
       |                                         ^ this is a number
       |
       = help: a number needs its unit: `2s` or `2ms`

    error: unknown actor `bbo`
      --> test.yaml:12:5
       |
    12 |   - bbo: logout
       |     ^^^ not among `actors`
       |
       = help: did you mean `bob`?

    error: nothing here is named `frist`
      --> test.yaml:13:13
       |
    13 |   - check: "frist.mid != ''"
       |             ^^^^^ unknown name
       |
       = help: did you mean `first`?

    error: no SDK generation knows the refusal code 999
      --> test.yaml:14:48
       |
    14 |   - alice: {send: {to: bob, msg: hi}, refused: 999}
       |                                                ^^^ unknown code
       |
       = help: known are -3, 1, 2, 17, 28, 31, 40, 50, 52, 56, 57, 101, 200, 204, 214, 219, 220, 221, 500, 501, 502, 503, 504, 505, 506, 507, 508, 509, 511, 601, 602, 603, 604, 605, 606, 607, 608, 702, 704, 705, 1302, 1303, 1304
    "#);
}

#[test]
fn a_verb_without_its_actor_is_explained() {
    assert_snapshot!(drawn(&with_steps("  - send: {to: bob, msg: hi}")), @r#"
    error: `send` without an actor
      --> test.yaml:10:5
       |
    10 |   - send: {to: bob, msg: hi}
       |     ^^^^ who does this?
       |
       = help: write `alice: {send: …}`
    "#);
}

#[test]
fn a_modifier_outside_the_braces_is_explained() {
    assert_snapshot!(drawn(&with_steps("  - alice: {send: {to: bob, msg: hi}}\n    as: first")), @r#"
    error: one actor and one verb a step
      --> test.yaml:11:5
       |
    11 |     as: first
       |     ^^ this stands outside the actor's braces
       |
       = help: write `alice: {…, as: …}`
    "#);
}

#[test]
fn a_name_that_comes_to_life_later_is_shown_there() {
    assert_snapshot!(drawn(&with_steps(
        "  - check: \"hi.mid != ''\"\n  - alice: {send: {to: bob, msg: hi}, as: hi}"
    )), @r#"
    error: nothing here is named `hi`
      --> test.yaml:10:13
       |
    10 |   - check: "hi.mid != ''"
       |             ^^ unknown name
    11 |   - alice: {send: {to: bob, msg: hi}, as: hi}
       |                                           -- bound here, later
    "#);
}

#[test]
fn a_key_written_twice_is_shown_twice() {
    assert_snapshot!(drawn("scenario: x\nactors:\n  alice: 1\n  bob: 1\n  alice: 2\nsteps:\n  - alice: logout\n"), @r#"
    error: `alice` is written twice
     --> test.yaml:5:3
      |
    3 |   alice: 1
      |   ----- first written here
    4 |   bob: 1
    5 |   alice: 2
      |   ^^^^^ here again
    "#);
}

#[test]
fn a_template_without_quotes_is_explained() {
    assert_snapshot!(drawn(&with_steps("  - alice: {send: {to: bob, msg: {{ iteration }}}}")), @r#"
    error: expected a text, found a mapping
      --> test.yaml:10:34
       |
    10 |   - alice: {send: {to: bob, msg: {{ iteration }}}}
       |                                  ^^^^^^^^^^^^^^^ this is a mapping
       |
       = help: put the whole text into quotes: YAML reads `{ … }` as a mapping

    error: a key that is not a word
      --> test.yaml:10:35
       |
    10 |   - alice: {send: {to: bob, msg: {{ iteration }}}}
       |                                   ^^^^^^^^^^^^^ a list or mapping cannot be a key
       |
       = help: put a template such as `{{ name }}` into quotes
    "#);
}

#[test]
fn a_misspelt_metric_is_suggested() {
    let text = with_steps("  - alice: logout")
        + "thresholds:\n  - sent.txt.p99 < 50ms\n  - send.txt.p98 < 50ms\n  - errors\n";
    assert_snapshot!(drawn(&text), @r#"
    error: unknown metric `sent.txt`
      --> test.yaml:12:5
       |
    12 |   - sent.txt.p99 < 50ms
       |     ^^^^^^^^^^^^^^^^^^^ in this threshold
       |
       = help: did you mean `send.txt`?

    error: `send.txt` has no figure `p98`
      --> test.yaml:13:5
       |
    13 |   - send.txt.p98 < 50ms
       |     ^^^^^^^^^^^^^^^^^^^ in this threshold
       |
       = help: did you mean `p90`?

    error: `errors` compares nothing
      --> test.yaml:14:5
       |
    14 |   - errors
       |     ^^^^^^ in this threshold
       |
       = help: such as `send.txt.p99 < 50ms` or `errors == 0`
    "#);
}

#[test]
fn broken_yaml_is_shown_where_it_breaks() {
    assert_snapshot!(drawn("scenario: x\nactors: {alice: 1\nsteps:\n  - alice: logout\n"), @r#"
    error: not YAML: while parsing a flow mapping, did not find expected ',' or '}'
     --> test.yaml:3:6
      |
    3 | steps:
      |      ^ here
      |
      = help: texts with `: `, `{`, `#` or a leading `*`, `&`, `!`, `%`, `@` need quotes
    "#);
}

#[test]
fn an_empty_file_is_told_how_to_start() {
    assert_snapshot!(drawn("# nothing\n"), @r#"
    error: the file says nothing
     --> test.yaml:1:1
      |
    1 | # nothing
      | ^ a scenario is expected here
      |
      = help: start with `scenario: a-name`, `actors:` and `steps:`; `chatproof list scenarios` shows examples
    "#);
}

#[test]
fn contradictions_are_mistakes() {
    assert_snapshot!(drawn(
        "scenario: x
actors:
  alice: {generation: 4.21.1, transport: sockjs}
  bob: {user: bob, count: 2}
  tablet: {device_of: tablet}
world:
  groups:
    team: {owner: alice, members: [tablet], muted: [bob]}
steps:
  - alice: {send: {to: team, msg: hi, chatType: chatRoom}}
load: {model: open, think: 1s, for: 1s, ramp: 2s}
"
    ), @r#"
    error: generation 4.21.1 does not travel like this
     --> test.yaml:3:42
      |
    3 |   alice: {generation: 4.21.1, transport: sockjs}
      |                                          ^^^^^^ contradicts `generation`
      |
      = help: leave out `transport`: the generation says how its frames travel

    error: several clients with one account
     --> test.yaml:4:3
      |
    4 |   bob: {user: bob, count: 2}
      |   ^^^ `user` names one account, `count` several clients
      |
      = help: leave out `user`: an account is made for each client

    error: an actor that is a device of itself
     --> test.yaml:5:23
      |
    5 |   tablet: {device_of: tablet}
      |                       ^^^^^^ name another actor

    error: `bob` is not a member of `team`
     --> test.yaml:8:53
      |
    8 |     team: {owner: alice, members: [tablet], muted: [bob]}
      |                                                     ^^^ only members can be in `muted`
      |
      = help: add `bob` to `members`

    error: `chatType` contradicts `team`
      --> test.yaml:10:49
       |
    10 |   - alice: {send: {to: team, msg: hi, chatType: chatRoom}}
       |                                                 ^^^^^^^^ `team` is not that
       |
       = help: leave out `chatType`: the name says what it is

    error: an open model without `rate`
      --> test.yaml:11:7
       |
    11 | load: {model: open, think: 1s, for: 1s, ramp: 2s}
       |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `rate:` is missing
       |
       = help: such as `load: {model: open, rate: 10/s, casts: 40, for: 30s}`

    error: in an open model the clock starts conversations
      --> test.yaml:11:28
       |
    11 | load: {model: open, think: 1s, for: 1s, ramp: 2s}
       |                            ^^ `think`
       |
       = help: leave it out, or take `model: closed`

    error: the ramp is longer than the run
      --> test.yaml:11:47
       |
    11 | load: {model: open, think: 1s, for: 1s, ramp: 2s}
       |                                               ^^ `ramp`
       |
       = help: `ramp` is a part of `for`
    "#);
}

#[test]
fn each_other_mistake_has_its_words() {
    let said = |step: &str| titles(&with_steps(&format!("  - {step}"))).join("\n");
    let table: &[(&str, &str)] = &[
        ("alice: {sned: {to: bob}, as: x}", "unknown verb `sned`"),
        ("alice: {raw: x}", "the verb `raw` is not yet in this version of chatproof"),
        ("alice: {recall: {message: x}}", "nothing here is named `x`"),
        ("alice: {recall: nothing}", "nothing here is named `nothing`"),
        ("alice: {send: {to: bob, type: img}}", "an `img` message needs either `file` or `url`"),
        (
            "alice: {send: {to: bob, type: img, file: image.png, url: x}}",
            "an `img` message needs either `file` or `url`",
        ),
        (
            "alice: {send: {to: bob, type: img, file: page.pdf}}",
            "an `img` message does not carry a file like `page.pdf`",
        ),
        ("alice: {send: {to: bob, type: img, file: page.pdf, anyType: true}}", ""),
        ("alice: {upload: image.pgn}", "there is no file `image.pgn` to use"),
        ("alice: {upload: ../image.png}", "there is no file `../image.png` to use"),
        ("alice: {send: {to: bob, type: video, file: {name: a.MP4, size: 10}}}", ""),
        (
            "alice: {send: {to: bob, type: audio, file: {name: a.mp3}}}",
            "a file that is made up without `size`",
        ),
        ("alice: {send: {to: bob, type: cmd}}", "a `cmd` message without `action`"),
        ("alice: {send: {to: bob, type: loc, addr: x, lat: 1, lgn: 2}}", "unknown key `lgn` in a message"),
        ("alice: {send: {to: bob, msg: x, addr: y}}", "`addr` does not belong to a `txt` message"),
        ("alice: {send: {to: bob, type: location, msg: x}}", "unknown message type `location`"),
        ("alice: {send: {to: bob, type: imge, msg: x}}", "unknown message type `imge`"),
        ("alice: {download: {url: a, message: b}}", "a download needs either `message` or `url`"),
        ("alice: {history: {with: bobb}}", "`bobb` is no actor, group or room of this scenario"),
        ("alice: {history: {with: bob, count: 51}}", "expected a whole number from 1 to 50, found `51`"),
        ("alice: {sessions: {page: 1, sise: 2}}", "unknown key `sise` in a look at the session list"),
        ("alice: sessions", ""),
        ("alice: {channel: team}", ""),
        ("alice: {send: {to: bobb, msg: x}}", "`bobb` is no actor, group or room of this scenario"),
        ("alice: {send: {to: member, msg: x}}", "`member` is a group, one client is needed"),
        ("alice: {send: {to: 'member[3]', msg: x}}", "`member[3]` is nobody"),
        ("alice: {send: {to: bob}}", "a `txt` message without `msg`"),
        ("alice: {send: {to: bob, type: audio}}", "an `audio` message needs either `file` or `url`"),
        (
            "alice: {send: {to: bob, type: loc, addr: x, lat: north, lng: 2}}",
            "expected a number, found `north`",
        ),
        ("alice: {send: {msg: x}}", "a message without `to`"),
        ("alice: send", "`send` needs to know more"),
        ("alice: {send: {to: bob, msg: x}, to: bob}", "unknown key `to` beside `send`"),
        ("alice: {drop: , login: }", "two verbs in one step: `drop` and `login`"),
        ("self: logout", "`self` outside `each`"),
        ("{each: members, steps: [{self: logout}]}", "unknown actor `members`"),
        ("each: member", "`each` without `steps`"),
        ("member: {expect: onTextMessage, as: got}", "`got` would be bound by every client of `member`"),
        ("pause: 0s", "expected a length of time that is more than nothing, found `0s`"),
        ("pause: -1s", "expected a length of time, found `-1s`"),
        ("pause: 99999999999999999999s", "expected a length of time, found `99999999999999999999s`"),
        ("pause: 40days", "expected a length of time, found `40days`"),
        ("check: 'a =='", "not an expression"),
        ("check: 'iteration|lenght'", "unknown filter or test `lenght`"),
        ("check: 'iteration is odds'", "unknown filter or test `odds`"),
        ("check: {a: b}", "expected an expression in quotes, found a mapping"),
        ("check: 'vars.x'", "`vars` has no `x`"),
        ("check: 'alice.usr'", "`alice` has no field `usr`"),
        ("bob: {expect: onTextMessage, where: 'event.dta'}", "`event` has no field `dta`"),
        ("bob: {never: onTextMessage, count: 2}", "unknown key `count` beside `never`"),
        ("{alice: logout, bob: logout}", "one actor and one verb a step"),
        ("alice: {send: {to: bob, msg: x}, as: bob}", "`bob` has another meaning in this scenario"),
        ("alice: {send: {to: bob, msg: x}, as: a-b}", "`a-b` cannot be a name"),
        ("alice: {check: 'true'}", "unknown verb `check`"),
        ("hello", "expected a step, found `hello`"),
        (
            "repeat: {times: 0, steps: [{alice: logout}]}",
            "expected a whole number from 1 to 1000000, found `0`",
        ),
        ("rest: {method: GET, path: x}", "a path that does not start with `/`"),
        ("alice: {send: {to: bob, msg: x, allowGroupAck: yes}}", "expected `true` or `false`, found `yes`"),
    ];
    for (step, title) in table {
        let all = said(step);
        assert!(all.contains(title), "{step}\nexpected: {title}\ngot: {all}");
    }
}

#[test]
fn an_unknown_checker_or_capability_is_suggested() {
    let text = with_steps("  - alice: logout") + "checkers: [no-los]\nrequires: [groop]\n";
    assert_eq!(titles(&text), ["11:12: unknown checker `no-los`", "12:12: unknown capability `groop`"]);
}

#[test]
fn one_mistake_is_said_once() {
    for step in
        ["alice: {sned: {to: bob, msg: x}, as: x}\n  - check: 'x.mid'", "pause: soon", "bob: {expect: onX}"]
    {
        assert_eq!(titles(&with_steps(&format!("  - {step}"))).len(), 1, "{step}");
    }
}

#[test]
fn aliases_share_a_part_of_the_file() {
    let text = with_steps("  - &bye\n    alice: logout\n  - *bye");
    assert_eq!(read("test.yaml", &text).unwrap().steps.len(), 2);
}

#[test]
fn an_alias_bomb_is_refused_in_little_time() {
    let mut text = String::from("scenario: x\nvars:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        text.push_str(&format!("  a{level}: &a{level} [{aliases}]\n"));
    }
    assert!(titles(&text).join("\n").contains("more than 50000 values"));
}

#[test]
fn too_deep_and_too_large_files_are_refused() {
    assert!(titles(&("[".repeat(100) + &"]".repeat(100))).join("\n").contains("more than 64 levels"));
    assert!(titles(&" ".repeat(MAX_BYTES + 1)).join("\n").contains("larger than"));
}

proptest! {
    #[test]
    fn no_text_panics_the_reader(text in "\\PC{0,200}") {
        if let Err(mistakes) = read("x", &text) {
            prop_assert!(!mistakes.render(Ink::Color).is_empty());
        }
    }

    #[test]
    fn no_yaml_like_text_panics_the_reader(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "scenario: ", "actors: ", "steps: ", "alice", ": ", "- ", "\n", "\n  ", "\n    ", "{", "}", "[", "]",
                "send: ", "expect: ", "onTextMessage", "where: ", "\"", "'", "{{ ", " }}", "&a ", "*a ", "|", "|\n",
                ">\n", "each: ", "self", "1", "2s", "load: ", "rate: ", "#", "!t ", "é", "\t", ",", "? ", "---\n",
                "member[9]", "\u{feff}", "as: ", "{%", "%}",
            ]),
            0..60,
        ),
    ) {
        if let Err(mistakes) = read("x", &words.concat()) {
            prop_assert!(!mistakes.render(Ink::Plain).is_empty());
        }
    }

    #[test]
    fn a_scenario_with_one_broken_byte_does_not_panic_the_reader(at in 0..NOTICE.len(), byte in 0_u8..128) {
        let mut bytes = NOTICE.as_bytes().to_vec();
        bytes[at] = byte;
        if let Ok(text) = String::from_utf8(bytes) {
            drop(read("x", &text));
        }
    }
}

#[test]
fn every_operation_is_read_in_its_short_and_its_long_form() {
    let scenario = read(
        "test.yaml",
        &with_steps(
            r#"  - alice: {send: {to: bob, type: img, file: {name: cat.PNG, size: 7}, width: 3, ext: {file_length: 7}}, as: cat}
  - alice: {send: {to: team, type: custom, customEvent: e, customExts: {k: "{{ iteration }}", n: 1}}}
  - bob: {expect: onPictureMessage, as: seen}
  - bob: {read: seen}
  - bob: {read: {message: seen, to: alice, ackContent: "{}"}, refused: 503}
  - bob: {delivery: seen.id}
  - bob: {channel: alice}
  - bob: {channel: {to: "93734273351681", chatType: groupChat}}
  - alice: {recall: cat}
  - alice: {recall: {message: "'1234'", to: bob}, refused: 504, as: late}
  - alice: {history: bob, as: all}
  - alice: {history: {with: team, count: 2, pages: 1, start: cat, order: down, api: new, shows: [cat], hides: ["seen.id"]}}
  - alice: sessions
  - alice: {sessions: {page: 2, size: 10}, as: s}
  - check: "s.of[bob.user].unread == 0 and all.messages|length == 1"
  - alice: {delete_session: bob}
  - alice: {delete_session: {with: bob, deleteRoam: true, status: 403}}
  - alice: {readers: cat}
  - alice: {upload: image.png, as: up}
  - alice: {upload: {file: {name: big.bin, size: 11}, status: 413}}
  - bob: {download: seen}
  - bob: {download: {url: "{{ up.url }}", secret: "{{ up.secret }}", file: image.png}}"#,
        ),
    )
    .unwrap_or_else(|mistakes| panic!("{}", mistakes.render(Ink::Plain)));
    let verbs: Vec<&str> = scenario
        .steps
        .iter()
        .filter_map(|step| match &step.action {
            Action::Perform(perform) => Some(perform.deed.verb()),
            _ => None,
        })
        .collect();
    assert_eq!(
        verbs.join(" "),
        "send send expect read read delivery channel channel recall recall history history sessions sessions \
         delete_session delete_session readers upload upload download download"
    );
    let Action::Perform(send) = &scenario.steps[0].action else { panic!("a send") };
    let Deed::Send(send) = &send.deed else { panic!("a send") };
    let Message::Options(options) = &send.message else { panic!("an image") };
    assert_eq!(options.file.as_ref().map(|file| (file.name.text(), file.bytes.len())), Some(("cat.PNG", 7)));
    assert_eq!(options.fields.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["width"]);
}

#[test]
fn a_history_that_cannot_be_read_or_shown_is_a_mistake() {
    let text = with_steps(
        "  - alice: {send: {to: bob, msg: one}, as: one}\n  \
         - bob: {history: {with: alice, order: down}}\n  \
         - bob: {history: {with: alice, shows: [one], hides: [one]}}",
    );
    assert_snapshot!(drawn(&text), @r"
    error: `order: down` without `api: new`
      --> test.yaml:11:41
       |
    11 |   - bob: {history: {with: alice, order: down}}
       |                                         ^^^^ `fetchHistoryMessages` only reads from the newest to the oldest
       |
       = help: write `api: new` beside it, for `getHistoryMessages`

    error: `one` is named twice
      --> test.yaml:12:56
       |
    12 |   - bob: {history: {with: alice, shows: [one], hides: [one]}}
       |                                          ---           ^^^ a message stands there once or not at all
       |                                          |
       |                                          first named here
    ");
}

#[test]
fn a_message_type_by_another_word_is_suggested_by_its_own() {
    for (word, own) in [("image", "img"), ("text", "txt"), ("location", "loc"), ("command", "cmd")] {
        let drawn = drawn(&with_steps(&format!("  - alice: {{send: {{to: bob, type: {word}}}}}")));
        assert!(drawn.contains(&format!("unknown message type `{word}`")), "{drawn}");
        assert!(drawn.contains(&format!("did you mean `{own}`?")), "{drawn}");
    }
}
