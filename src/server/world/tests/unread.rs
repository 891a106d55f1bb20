//! Unread counts, last messages and histories are conserved, whatever two users do.

use message_body::Type::Chat;
use proptest::{collection::vec, prelude::*};

use super::{timeline::user, *};

/// What happens between two users, each 0 or 1.
#[derive(Clone, Copy, Debug)]
enum Move {
    Say(usize),
    /// The user's message of that number, counted back from the newest.
    Recall(usize, usize),
    Read(usize),
    Delete(usize, bool),
}

/// What should be true after the moves so far, worked out from scratch.
#[derive(Default)]
struct Model {
    /// Sender, id, and whether it was taken back.
    said: Vec<(usize, u64, bool)>,
    /// For each user: whether there is a session, and how many messages came before it, before the
    /// last channel receipt, and before the deletion of the history.
    views: [View; 2],
}

#[derive(Clone, Copy, Default)]
struct View {
    listed: bool,
    begun: usize,
    read: usize,
    deleted: usize,
}

impl Model {
    fn history(&self, user: usize) -> Vec<String> {
        let kept = self.said.iter().enumerate().skip(self.views[user].deleted);
        kept.filter(|(_, (_, _, gone))| !gone).map(|(number, _)| number.to_string()).rev().collect()
    }

    fn session(&self, user: usize) -> Option<(Option<String>, u64)> {
        let view = self.views[user];
        let counted = self.said.iter().skip(view.begun.max(view.read));
        let unread = counted.filter(|(sender, _, gone)| *sender != user && !gone).count();
        view.listed.then(|| (self.history(user).first().cloned(), unread as u64))
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn unread_counts_last_messages_and_histories_agree_with_what_was_said(
        moves in vec(
            (0..7_u8, 0..2_usize, 0..4_usize).prop_map(|(kind, who, back)| match kind {
                0..=2 => Move::Say(who),
                3 | 4 => Move::Recall(who, back),
                5 => Move::Read(who),
                _ => Move::Delete(who, back % 2 == 0),
            }),
            1..40,
        )
    ) {
        const NAMES: [&str; 2] = ["alice", "bob"];
        let mut stage = Stage::new();
        let online = [stage.login("alice", "a"), stage.login("bob", "b")];
        let mut model = Model::default();
        for one in moves {
            let count = model.said.len();
            match one {
                Move::Say(who) => {
                    let mid = stage.say(online[who], user(NAMES[1 - who]), Chat, &count.to_string());
                    model.said.push((who, mid, false));
                    for view in &mut model.views {
                        if !view.listed {
                            (view.listed, view.begun) = (true, count);
                        }
                    }
                }
                Move::Recall(who, back) => {
                    let Some(at) = count.checked_sub(back + 1) else { continue };
                    let (sender, mid, gone) = model.said[at];
                    let expected = if sender == who && !gone { "" } else { "recall message not found" };
                    let reason = stage.recall(online[who], user(NAMES[1 - who]), mid);
                    prop_assert_eq!(reason, expected);
                    model.said[at].2 |= sender == who;
                }
                Move::Read(who) => {
                    stage.channel(online[who], user(NAMES[1 - who]));
                    if model.views[who].listed {
                        model.views[who].read = count;
                    }
                }
                Move::Delete(who, delete_roam) => {
                    let token = stage.user_token(NAMES[who]);
                    let body = json!({"channel": NAMES[1 - who], "type": "chat", "delete_roam": delete_roam});
                    let path = format!("/users/{}/user_channel", NAMES[who]);
                    prop_assert_eq!(stage.call("DELETE", &path, Some(&token), &body).0, 200);
                    model.views[who].listed = false;
                    if delete_roam {
                        model.views[who].deleted = count;
                    }
                }
            }
            for who in 0..2 {
                let listed = stage.sessions(NAMES[who]).into_iter().next().map(|(_, last, unread)| (last, unread));
                prop_assert_eq!(listed, model.session(who), "{} after {:?}", NAMES[who], one);
                let queue = format!("{}@easemob.com", NAMES[1 - who]);
                let mut history = model.history(who);
                history.truncate(20);
                prop_assert_eq!(stage.newest(NAMES[who], &queue), history, "{}", NAMES[who]);
            }
        }
    }
}
