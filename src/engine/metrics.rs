//! The metrics that the engine takes, by the names of `chatproof list metrics`.

use crate::history::{Counter, Instrument, MessageKind, NoticeKind, Recorder};

/// Something that goes to others over the socket: how long until the server's answer, and until
/// its event at a receiver.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exchange {
    pub(super) answer: Instrument,
    pub(super) arrival: Instrument,
}

/// The metrics that the engine takes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Metrics {
    pub(super) connect: Instrument,
    pub(super) login: Instrument,
    messages: [(MessageKind, Exchange); 8],
    notices: [(NoticeKind, Exchange); 4],
    pub(super) readers: Instrument,
    pub(super) upload: Instrument,
    pub(super) download: Instrument,
    pub(super) rest: Instrument,
    pub(super) history_page: Instrument,
    pub(super) history_walk: Instrument,
    pub(super) sessions: Instrument,
    pub(super) delete_session: Instrument,
    pub(super) conversation: Instrument,
    pub(super) conversations: Counter,
    pub(super) errors: Counter,
    pub(super) refusals: Counter,
    pub(super) late: Counter,
}

impl Metrics {
    pub(super) fn new(recorder: &Recorder) -> Self {
        let exchange = |answer, arrival| Exchange {
            answer: recorder.instrument(answer),
            arrival: recorder.instrument(arrival),
        };
        Self {
            connect: recorder.instrument("connect"),
            login: recorder.instrument("login"),
            messages: [
                (MessageKind::Text, exchange("send.txt", "deliver.txt")),
                (MessageKind::Image, exchange("send.img", "deliver.img")),
                (MessageKind::File, exchange("send.file", "deliver.file")),
                (MessageKind::Audio, exchange("send.audio", "deliver.audio")),
                (MessageKind::Video, exchange("send.video", "deliver.video")),
                (MessageKind::Location, exchange("send.loc", "deliver.loc")),
                (MessageKind::Command, exchange("send.cmd", "deliver.cmd")),
                (MessageKind::Custom, exchange("send.custom", "deliver.custom")),
            ],
            notices: [
                (NoticeKind::Read, exchange("read", "notify.read")),
                (NoticeKind::Delivered, exchange("delivery", "notify.delivery")),
                (NoticeKind::Channel, exchange("channel", "notify.channel")),
                (NoticeKind::Recalled, exchange("recall", "notify.recall")),
            ],
            readers: recorder.instrument("readers"),
            upload: recorder.instrument("upload"),
            download: recorder.instrument("download"),
            rest: recorder.instrument("rest"),
            history_page: recorder.instrument("history.page"),
            history_walk: recorder.instrument("history.walk"),
            sessions: recorder.instrument("sessions"),
            delete_session: recorder.instrument("delete_session"),
            conversation: recorder.instrument("conversation"),
            conversations: recorder.counter("conversations"),
            errors: recorder.counter("errors"),
            refusals: recorder.counter("refusals"),
            late: recorder.counter("late"),
        }
    }

    /// What is measured of a message.
    pub(super) fn message(&self, kind: MessageKind) -> Exchange {
        of(&self.messages, kind)
    }

    /// What is measured of a receipt or recall.
    pub(super) fn notice(&self, kind: NoticeKind) -> Exchange {
        of(&self.notices, kind)
    }
}

fn of<Kind: Copy + PartialEq>(exchanges: &[(Kind, Exchange)], kind: Kind) -> Exchange {
    let found = exchanges.iter().find(|(known, _)| *known == kind);
    found.expect("every kind stands in its table").1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_message_and_receipt_has_its_metrics() {
        use MessageKind::{Audio, Command, Custom, File, Image, Location, Text, Video};
        let metrics = Metrics::new(&Recorder::new(1));
        for kind in [Text, Image, File, Audio, Video, Location, Command, Custom] {
            metrics.message(kind);
        }
        for kind in [NoticeKind::Read, NoticeKind::Delivered, NoticeKind::Channel, NoticeKind::Recalled] {
            metrics.notice(kind);
        }
    }
}
