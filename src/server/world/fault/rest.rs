//! Faults of what REST answers: history, session lists and files.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use prost::Message as _;
use serde_json::Value;

use super::{Fault, Faults};
use crate::{
    protocol::schema::{Jid, MessageBody, Meta},
    server::world::{
        history::{Conversation, Said},
        user::{User, UserId},
    },
};

impl Faults {
    /// The rows of a page of history, newest first, and whether it is the last.
    pub(in crate::server::world) fn history<'a>(
        &self,
        reader: UserId,
        mut rows: Vec<&'a Said>,
        is_last: &mut bool,
        all: impl FnOnce() -> Vec<&'a Said>,
    ) -> Vec<&'a Said> {
        if self.is_off() {
            return rows;
        }
        if *is_last && self.strikes(Fault::LastNever) {
            *is_last = false;
        }
        if rows.iter().any(|said| said.sender == reader) && self.strikes(Fault::OwnMissing) {
            rows.retain(|said| said.sender != reader);
        }
        if rows.len() > 1 && self.strikes(Fault::OldestFirst) {
            let size = rows.len();
            rows = all();
            rows.reverse();
            rows.truncate(size);
        }
        rows
    }

    /// Rows of a page, of so many that were asked for.
    pub(in crate::server::world) fn page_size(&self, size: usize) -> usize {
        if self.strikes(Fault::CountIgnored) { size + 3 } else { size }
    }

    /// One row of history as it is answered.
    pub(in crate::server::world) fn row(
        &self,
        reader: &User,
        conversation: Conversation,
        meta: &Bytes,
    ) -> String {
        if self.is_off() {
            return BASE64_STANDARD.encode(meta);
        }
        let Ok(mut row) = Meta::decode(meta.clone()) else { return BASE64_STANDARD.encode(meta) };
        if self.strikes(Fault::HistoryOtherId) {
            row.id = row.id.map(|id| id + 1);
        }
        if matches!(conversation, Conversation::Place(_)) && self.strikes(Fault::GroupSenderWrong) {
            row.from = Jid::decode(reader.address.jid.clone()).ok();
        }
        let body = row.payload.clone().and_then(|payload| MessageBody::decode(payload).ok());
        if let Some(mut body) = body.filter(|body| !body.ext.is_empty())
            && self.strikes(Fault::HistoryNoExt)
        {
            body.ext.clear();
            row.payload = Some(body.encode_to_vec().into());
        }
        BASE64_STANDARD.encode(row.encode_to_vec())
    }

    /// The rows of a session list.
    pub(in crate::server::world) fn sessions(&self, owner: UserId, mut rows: Vec<Value>) -> Vec<Value> {
        if rows.is_empty() || self.is_off() {
            return rows;
        }
        if self.strikes_in(Fault::RowMissing, owner) {
            rows.remove(0);
        } else if self.strikes_in(Fault::RowTwice, owner) {
            rows.insert(0, rows[0].clone());
        }
        rows
    }

    /// A file as it comes down.
    pub(in crate::server::world) fn download(&self, bytes: &Bytes) -> Bytes {
        const CUT: usize = 64 * 1024;
        if bytes.len() > CUT && self.strikes(Fault::DownloadCut) { bytes.slice(..CUT) } else { bytes.clone() }
    }
}
