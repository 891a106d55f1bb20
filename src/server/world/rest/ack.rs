//! `…/acks/{message}`: who has read a group message (heading 消息回执).

use serde_json::json;

use super::{
    call::{Call, Reply},
    error::RestError,
};
use crate::{protocol::id::ServerId, server::world::fault::Fault};

/// The readers of a message in the order of their receipts, page by page. A message whose sender
/// did not ask has none.
pub(super) fn readers(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let (key, place) = call.place()?;
    if !call.world.faults.strikes(Fault::ReadersOpen) {
        call.must_be_member(place)?;
    }
    let message = ServerId(number("the message id", call.parameter(1))?);
    // The SDK asks for the first page with the text that JavaScript makes of no key.
    let behind = match call.queried("key").as_deref() {
        None | Some("undefined" | "null") => ServerId(0),
        Some(behind) => ServerId(number("key", behind)?),
    };
    let asked = call.world.group_acks.find(message).filter(|asked| asked.place == key);
    let limit = call.limit();
    let mut page: Vec<_> =
        asked.into_iter().flat_map(|asked| asked.readers(behind)).take(limit + 1).collect();
    let is_last = page.len() <= limit;
    page.truncate(limit);
    let next_key =
        page.last().filter(|_| !is_last).map_or_else(String::new, |(receipt, _)| receipt.to_string());
    let total = asked.map_or(0, |asked| asked.count());
    let names = call.names(page.iter().map(|(_, user)| *user));
    Ok(Reply::data(json!({
        "ackmid": message.to_string(),
        "userlist": names,
        "total": total,
        "is_last": is_last,
        "next_key": next_key,
        "timestamp": call.now.as_millis(),
    })))
}

fn number(what: &str, text: &str) -> Result<u64, RestError> {
    text.parse().map_err(|_| RestError::IllegalArgument(format!("{what} is not a number")))
}
