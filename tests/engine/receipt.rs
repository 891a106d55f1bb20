//! Messages of every type and receipts, as scripts play them: what is measured and recorded, and
//! what a failure says.

use chatproof::{
    history::{Call, Clock, Ending, NoticeKind, What},
    protocol::generation::Generation,
};

use super::{Played, TWO, play, play_as};

fn count(played: &Played, metric: &str) -> u64 {
    let latencies = played.recorder.latencies();
    latencies.times_of(metric).map_or(0, |times| times.figures(Clock::Service).count)
}

#[tokio::test]
async fn every_message_and_receipt_is_measured_to_its_answer_and_to_its_receivers() {
    for generation in Generation::ALL {
        let text = "scenario: all\nactors: {alice: 1, bob: 1}\nsteps:
- alice: {send: {to: bob, msg: x}, as: letter}
- alice: {send: {to: bob, type: loc, addr: here, lat: 1.5, lng: -2}}
- alice: {send: {to: bob, type: cmd, action: go}}
- alice: {send: {to: bob, type: custom, customEvent: e, customExts: {k: v}}}
- bob: {expect: onCustomMessage, from: alice, where: event.customExts.k == \"v\"}
- bob: {read: letter}
- bob: {delivery: letter}
- bob: {channel: alice}
- alice: {expect: onReadMessage, where: event.mid == letter.mid}
- alice: {expect: onDeliveredMessage, from: bob, where: event.mid == letter.mid}
- alice: {expect: onChannelMessage, from: bob}
- alice: {never: onDeliveredMessage}
";
        let played = play_as(generation, text).await;
        assert_eq!(played.ending, Ending::Passed, "{generation}");
        for kind in ["txt", "loc", "cmd", "custom"] {
            for metric in ["send", "deliver"] {
                assert_eq!(count(&played, &format!("{metric}.{kind}")), 1, "{generation}: {metric}.{kind}");
            }
        }
        for receipt in ["read", "delivery", "channel"] {
            assert_eq!(count(&played, receipt), 1, "{generation}: {receipt}");
            assert_eq!(count(&played, &format!("notify.{receipt}")), 1, "{generation}: notify.{receipt}");
        }
        let records = &played.history.records;
        for kind in [NoticeKind::Read, NoticeKind::Delivered, NoticeKind::Channel] {
            let sent = |what: &What| matches!(what, What::Invoke { call: Call::Acknowledge { kind: of, .. }, .. } if *of == kind);
            let heard = |what: &What| matches!(what, What::Notice(notice) if notice.kind == kind);
            assert_eq!(records.iter().filter(|record| sent(&record.what)).count(), 1, "{kind:?}");
            assert_eq!(records.iter().filter(|record| heard(&record.what)).count(), 1, "{kind:?}");
        }
    }
}

#[tokio::test]
async fn both_ends_record_the_same_content_of_every_type() {
    let text = "scenario: all\nactors: {alice: 1, bob: 1}\nsteps:
- alice: {send: {to: bob, type: loc, addr: here, lat: 0, lng: -2.25}}
- alice: {send: {to: bob, type: cmd, action: go}}
- alice: {send: {to: bob, type: custom, customEvent: e, customExts: {b: \"2\", \"1\": one}}}
- bob: {expect: onCustomMessage}
";
    let played = play(text).await;
    assert_eq!(played.ending, Ending::Passed);
    let (mut sent, mut heard) = (Vec::new(), Vec::new());
    for record in &played.history.records {
        match record.what {
            What::Invoke { call: Call::Send { content, .. }, .. } => sent.push(content),
            What::Receive(item) => heard.push(item.content),
            _ => {}
        }
    }
    // Behind them come the markers that prove that nothing is under way.
    assert_eq!(sent[..3], heard[..3]);
}

#[tokio::test]
async fn a_bare_id_does_not_say_where_its_receipt_goes() {
    let steps = |to: &str| {
        format!(
            "{TWO}steps:\n- alice: {{send: {{to: bob, msg: x}}, as: letter}}\n- bob: {{expect: onTextMessage}}\n\
             - bob: {{read: {{message: letter.mid{to}}}}}\n- alice: {{expect: onReadMessage}}\n"
        )
    };
    let played = play(&steps("")).await;
    let failure = played.only_failure();
    assert_eq!(failure.step, "bob: read");
    assert_eq!(failure.expected, "it is known where the receipt goes");
    assert_eq!(failure.observed, "the message is only an id; say so with `to`");
    assert!(!failure.blames_target);
    assert_eq!(play(&steps(", to: alice")).await.ending, Ending::Passed);
}

#[tokio::test]
async fn degrees_that_are_no_number_are_the_scripts_own_trouble() {
    let text = format!(
        "{TWO}steps:\n- alice: {{send: {{to: bob, type: loc, addr: x, lat: \"{{{{ 'north' }}}}\", lng: 0}}}}\n"
    );
    let played = play(&text).await;
    let failure = played.only_failure();
    assert_eq!((&*failure.expected, &*failure.observed), ("`lat` is a number", "it is \"north\""));
    assert!(!failure.blames_target);
}

#[tokio::test]
async fn readers_are_refused_to_strangers_with_the_number_that_a_page_sees() {
    let text = |step: &str| {
        format!(
            "scenario: all\nactors: {{owner: 1, member: 1, stranger: 1}}\n\
             world: {{groups: {{team: {{owner: owner, members: [member]}}}}}}\nsteps:\n\
             - owner: {{send: {{to: team, msg: x, allowGroupAck: true}}, as: notice}}\n\
             - member: {{expect: onTextMessage}}\n- member: {{read: notice}}\n{step}\n"
        )
    };
    let told = "- stranger: {readers: notice, refused: 603, as: none_of_it}\n- check: none_of_it.status == 403 and none_of_it.count == 0";
    assert_eq!(play_as(Generation::V4_21_1, &text(told)).await.ending, Ending::Passed);
    let told = "- stranger: {readers: {message: notice, status: 403}, refused: 17}";
    assert_eq!(play(&text(told)).await.ending, Ending::Passed);

    let played = play(&text("- stranger: {readers: notice}")).await;
    let failure = played.only_failure();
    assert_eq!(failure.expected, "the readers are listed");
    assert!(failure.observed.starts_with("status 403 ("), "{}", failure.observed);
    let played = play(&text("- owner: {readers: notice, refused: 603}")).await;
    assert_eq!(played.only_failure().observed, "it succeeded");

    let seen = "- owner: {readers: notice, as: r}\n- check: r.users == [member.user] and r.total == 1 and r.pages == 1";
    let played = play(&text(seen)).await;
    assert_eq!(played.ending, Ending::Passed);
    assert_eq!(count(&played, "readers"), 1);
    let is_reader = |what: &What| matches!(what, What::Reader { .. });
    assert_eq!(played.history.records.iter().filter(|record| is_reader(&record.what)).count(), 1);
}
