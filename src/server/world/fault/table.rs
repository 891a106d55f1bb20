//! Every fault: its name, what it does to which operation, and how often.

use std::num::NonZeroU32;

/// One fault of the table.
#[derive(Clone, Copy, Debug)]
pub struct FaultEntry {
    /// Which one.
    pub fault: Fault,
    /// What it is called on a command line.
    pub name: &'static str,
    /// What it does, in a line.
    pub about: &'static str,
    /// How often it strikes unless the command line says otherwise.
    pub every: NonZeroU32,
}

impl Fault {
    /// Its place in the table.
    pub fn entry(self) -> &'static FaultEntry {
        FAULTS.iter().find(|entry| entry.fault == self).expect("the table is made of all faults")
    }
}

macro_rules! faults {
    ($($fault:ident $name:literal $every:literal $about:literal;)*) => {
        /// A named defect of the server.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        pub enum Fault {
            $(#[doc = $about] $fault,)*
        }

        /// Every fault, sorted by area as the conformance cases are.
        pub const FAULTS: &[FaultEntry] = &[
            $(FaultEntry {
                fault: Fault::$fault,
                name: $name,
                about: $about,
                every: NonZeroU32::new($every).expect("no fault strikes never"),
            },)*
        ];
    };
}

faults! {
    TokenUnchecked "token-unchecked" 1 "any token opens a session, known or not";
    TrustGuid "trust-guid" 1 "a session acts as the user of `guid`, whoever the token belongs to";
    AppIgnored "app-ignored" 1 "a login does not compare the app key";
    ServeBeforeLogin "serve-before-login" 1 "commands before PROVISION are answered with OK";
    LoginAnsweredTwice "login-answered-twice" 1 "PROVISION is answered twice, the second time with an empty resource";
    HeartbeatOnce "heartbeat-once" 1 "only the first UNREAD of a connection is answered";
    UnreadOmitsQueue "unread-omits-queue" 1 "UNREAD leaves out the oldest queue";
    NoNotice "no-notice" 1 "new items are stored and nobody is told";
    SyncUnsorted "sync-unsorted" 1 "the items of a page come in reverse";
    PageDropsLast "page-drops-last" 1 "the last item of a full page is skipped";
    PageRepeatsFirst "page-repeats-first" 1 "a page starts with the item that the request acknowledges";
    NextkeyStuck "nextkey-stuck" 2 "`nextKey` is the key of the request (counted by queue)";
    EmptyNotLast "empty-not-last" 2 "an empty queue does not say `isLast` (counted by queue)";
    OpenQueues "open-queues" 1 "a queue that the caller has not is served from the history of whom it names";
    IdAsDouble "id-as-double" 1 "the local id of an answer passes through a 53-bit float";
    CrashOnGarbage "crash-on-garbage" 1 "bytes that are no MSync end every connection";
    StrictFields "strict-fields" 1 "a frame with a field that nobody knows is refused";
    StrictOrder "strict-order" 1 "a frame whose fields do not ascend or whose varints are not minimal is refused";
    ResumeSkipsOne "resume-skips-one" 1 "SYNC with a key starts one item too late";
    PurgeOnSend "purge-on-send" 1 "items are purged when they are sent, not when they are acknowledged";
    SecondDeviceMisses "second-device-misses" 1 "the first of several devices of a user gets no items";
    AckBeforeStore "ack-before-store" 50 "an accepted message is answered OK and lost (counted by session)";
    SilentSend "silent-send" 50 "a message gets no answer (counted by session)";
    OkAndFail "ok-and-fail" 1 "a refused message also gets an OK";
    DefaultGroup "default-group" 1 "a message without a chat type goes to a group";
    TrustMetaFrom "trust-meta-from" 1 "the sender is who `meta.from` says";
    TrustBodyFrom "trust-body-from" 1 "the sender in the body is who `body.from` says";
    OfflineCap20 "offline-cap-20" 1 "only the newest 20 items wait for a user who is offline";
    OfflineLifo "offline-lifo" 1 "what waited while a user was offline comes newest first";
    OfflineTwice "offline-twice" 1 "an item for a user who is offline is queued twice";
    RetryAppends "retry-appends" 1 "a message that is sent again under the same local id is stored again";
    TextMangled "text-mangled" 1 "texts lose NUL and combining accents and are cut at 32 KiB";
    HtmlEscaped "html-escaped" 1 "texts are escaped as HTML";
    EmojiRewritten "emoji-rewritten" 1 "codes of emoji in texts become other characters";
    ExtRequired "ext-required" 1 "a message without ext is refused";
    ExtObjectAsString "ext-object-as-string" 1 "objects and lists in ext become plain texts";
    ExtBoolAsInt "ext-bool-as-int" 1 "true and false in ext become integers";
    ExtIntAsDouble "ext-int-as-double" 1 "integers in ext become floats";
    ExtsMerged "exts-merged" 1 "the fields of a custom message are put into ext as well";
    CmdAsText "cmd-as-text" 1 "commands arrive as texts without their action";
    VideoAsFile "video-as-file" 1 "videos arrive as files";
    FileNameLost "file-name-lost" 1 "names of files give way to the last part of their address";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_fault_has_a_name_of_its_own_in_small_letters() {
        let names: BTreeSet<&str> = FAULTS.iter().map(|entry| entry.name).collect();
        assert_eq!(names.len(), FAULTS.len());
        for FaultEntry { fault, name, .. } in FAULTS {
            let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            assert!(name.bytes().all(plain), "{name}");
            assert_eq!(format!("{fault:?}").to_lowercase(), name.replace('-', ""));
        }
    }

    /// The table of the manual. `UPDATE_MANUAL=1` writes it.
    #[test]
    fn the_manual_lists_every_fault() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/server.md");
        let manual = std::fs::read_to_string(path).unwrap();
        let head = "| fault | what it does | strikes |\n|---|---|---|\n";
        let (before, after) = manual.split_once(head).expect("the manual has a table of faults");
        let (listed, after) = after.split_once("\n\n").unwrap();
        let row = |entry: &FaultEntry| {
            let often = match entry.every.get() {
                1 => "always".to_owned(),
                every => format!("first, then every {every}th"),
            };
            format!("| `{}` | {} | {often} |", entry.name, entry.about)
        };
        let rows: Vec<String> = FAULTS.iter().map(row).collect();
        let rows = rows.join("\n");
        if std::env::var_os("UPDATE_MANUAL").is_some() {
            std::fs::write(path, format!("{before}{head}{rows}\n\n{after}")).unwrap();
        } else {
            assert_eq!(listed, rows, "run this test with UPDATE_MANUAL=1");
        }
    }

    /// A fault is proved by a test that switches it on by its name and is silent without it.
    #[test]
    fn every_fault_is_proved_by_a_test() {
        let proofs = [
            include_str!("../tests/fault/login.rs"),
            include_str!("../tests/fault/queue.rs"),
            include_str!("../tests/fault/send.rs"),
            include_str!("../tests/fault/content.rs"),
        ];
        for FaultEntry { name, .. } in FAULTS {
            assert!(proofs.iter().any(|text| text.contains(&format!("\"{name}\""))), "{name} has no proof");
        }
    }
}
