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
    SkipOneMember "skip-one-member" 1 "one member misses each message of a group or room";
    CrossDelivery "cross-delivery" 100 "a group message also goes to one user who is no member (counted by session)";
    NonMemberMaySend "non-member-may-send" 1 "membership of a group is not checked on sending";
    _602TextOnly "602-text-only" 1 "membership is checked for texts only";
    NoSuchGroupOk "no-such-group-ok" 1 "a message to a group or room that does not exist is answered OK";
    RouteById "route-by-id" 1 "a message is routed by the id and the chat type is ignored";
    MuteLeaks "mute-leaks" 1 "what a muted member says is refused and reaches the others";
    MuteSaysOk "mute-says-ok" 1 "what a muted member says is answered OK and vanishes";
    WhitelistIgnored "whitelist-ignored" 1 "who is not on the allow list may speak all the same";
    RoomOpen "room-open" 1 "anyone may send to a room";
    GroupSilent "group-silent" 1 "a message to a group gets no answer";
    RoomSilent "room-silent" 1 "a message to a room gets no answer";
    CmdNotInGroups "cmd-not-in-groups" 1 "a command to a group is answered OK and vanishes";
    FilterSingleOnly "filter-single-only" 1 "word filters look at single chats only";
    HookAs7 "hook-as-7" 1 "a refusal of the app's own server has the status of a filter";
    BlockReversed "block-reversed" 1 "the blocker is refused and not the blocked";
    BlockTextOnly "block-text-only" 1 "a block holds for texts only";
    RecallSilent "recall-silent" 1 "a message is taken back and nobody is told";
    RecallOneMissed "recall-one-missed" 1 "a message is taken back and one reader is not told";
    NoWindow "no-window" 1 "a message of any age can be taken back";
    Window60s "window-60s" 1 "a message can be taken back for half of the time only";
    LateDeletesAnyway "late-deletes-anyway" 1 "a recall that comes too late is refused and the message is gone";
    DisabledWorks "disabled-works" 1 "recall works though the service is off";
    AnyoneRecalls "anyone-recalls" 1 "recall does not look at who sent the message";
    HistoryKeeps "history-keeps" 1 "the history keeps what was taken back";
    LateDelivery "late-delivery" 1 "what was taken back is still delivered to who was offline";
    RecallKeepsCount "recall-keeps-count" 1 "a recall does not lower what is unread";
    HistoryOtherId "history-other-id" 1 "rows of history bear another id";
    HistoryNoExt "history-no-ext" 1 "rows of history have no ext";
    GroupSenderWrong "group-sender-wrong" 1 "rows of a group's history name the reader as sender";
    OldestFirst "oldest-first" 1 "a page of history is the oldest";
    CountIgnored "count-ignored" 1 "a page of history has three rows more than asked for";
    LastNever "last-never" 1 "the last page of history does not say so";
    OwnMissing "own-missing" 1 "the reader's own messages are not in the history";
    StartIgnored "start-ignored" 1 "the start of a page of history is ignored";
    PageOverlap "page-overlap" 1 "a page of history begins with the row that the page before ended with";
    RoamOpen "roam-open" 1 "any user reads the history of another";
    GroupRoamOpen "group-roam-open" 1 "outsiders read the history of a group or room";
    ListOpen "list-open" 1 "any user reads and changes the session list of another";
    RowMissing "row-missing" 10 "a session list lacks its first row (counted by user)";
    RowTwice "row-twice" 10 "a session list has its first row twice (counted by user)";
    CountsOwn "counts-own" 1 "one's own messages are unread";
    AckIgnored "ack-ignored" 1 "a read receipt of a conversation does not clear its unread count";
    DeleteNoop "delete-noop" 1 "a session is deleted with OK and stays";
    DeleteKeepsRoam "delete-keeps-roam" 1 "a session is deleted with its history and the history stays";
    DeleteAlwaysRoam "delete-always-roam" 1 "a session is deleted and its history goes unasked";
    DeleteHitsPeer "delete-hits-peer" 1 "deleting a history deletes it for the other user too";
    ReadDropped "read-dropped" 3 "a read receipt is answered OK and lost (counted by session)";
    ReceiptMisrouted "receipt-misrouted" 1 "a read receipt goes to a user whom it does not concern";
    ChannelDropped "channel-dropped" 1 "the read receipt of a conversation is not passed on";
    GroupCountWrong "group-count-wrong" 1 "counts of readers start at 0";
    NoOfflineStat "no-offline-stat" 1 "who was away hears nothing of readers at login";
    ReadersOpen "readers-open" 1 "outsiders read who has read a message";
    SecretUnchecked "secret-unchecked" 1 "any share-secret opens any file";
    DownloadCut "download-cut" 1 "files come down cut at 64 KiB";
    NoSecret "no-secret" 1 "the answer to an upload has no share-secret";
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
            assert_eq!(format!("{fault:?}").to_lowercase().trim_start_matches('_'), name.replace('-', ""));
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
            include_str!("../tests/fault/standing.rs"),
            include_str!("../tests/fault/recall.rs"),
            include_str!("../tests/fault/rest.rs"),
            include_str!("../tests/fault/receipt.rs"),
        ];
        for FaultEntry { name, .. } in FAULTS {
            assert!(proofs.iter().any(|text| text.contains(&format!("\"{name}\""))), "{name} has no proof");
        }
    }
}
