//! What actors do: each verb goes to the file that knows it.

use std::sync::Arc;

use futures_util::future::try_join_all;

use super::{
    cast::Cast,
    member::{Member, Refusing},
    setback::Setback,
    stage::Frame,
};
use crate::scenario::{
    Value,
    model::{Deed, Perform, Refused},
};

impl Cast {
    /// One step of one actor; all clients of a group do it at the same time.
    pub(super) async fn perform(&self, perform: &Perform, frame: &mut Frame) -> Result<(), Setback> {
        let members = self.performers(perform.who, frame);
        let result = match members.as_slice() {
            [only] => self.deed(only, perform, frame).await?,
            several => {
                let frame = &*frame;
                try_join_all(several.iter().map(|member| self.deed(member, perform, frame))).await?;
                None
            }
        };
        if let (Some(name), Some(result)) = (&perform.bind, result) {
            frame.bind(name, result);
        }
        Ok(())
    }

    /// What one client does; the value is what `as` binds.
    async fn deed(
        &self,
        member: &Arc<Member>,
        perform: &Perform,
        frame: &Frame,
    ) -> Result<Option<Value>, Setback> {
        let (within, refused) = (perform.within, perform.refused);
        match &perform.deed {
            Deed::Login => entered(member, member.login(within).await, refused, "login"),
            Deed::Reconnect => entered(member, member.reconnect(within).await, refused, "reconnect"),
            Deed::Logout => {
                let ended = member.logout(within).await;
                ended.map(|()| None).map_err(|error| Setback::client("logout succeeds", &error))
            }
            Deed::Drop => {
                let dropped = member.drop_socket().await;
                dropped.map(|()| None).map_err(|error| Setback::client("the socket is cut", &error))
            }
            Deed::Send(send) => self.send(member, send, refused, within, frame).await.map(Some),
            Deed::Expect(expect) => self.expect(member, expect, within, frame).await.map(Some),
            Deed::Never(never) => self.never(member, never, within, frame).await.map(|()| None),
            Deed::Pause(time) => {
                tokio::time::sleep(*time).await;
                Ok(None)
            }
            Deed::Rest(call) => self.call_rest(Some(member), call, within, frame).await.map(Some),
            Deed::Receipt(receipt) => self.receipt(member, receipt, refused, within, frame).await.map(Some),
            Deed::Channel(to) => self.channel(member, to, refused, within, frame).await.map(Some),
            Deed::Recall(recall) => self.recall(member, recall, refused, within, frame).await.map(Some),
            Deed::History(history) => self.history(member, history, refused, within, frame).await.map(Some),
            Deed::Sessions(sessions) => self.sessions(member, sessions, refused, within).await.map(Some),
            Deed::DeleteSession(deletion) => {
                self.delete_session(member, deletion, refused, within, frame).await.map(Some)
            }
            Deed::Readers(readers) => self.readers(member, readers, refused, within, frame).await.map(Some),
            Deed::Upload(upload) => self.upload(member, upload, refused, within, frame).await.map(Some),
            Deed::Download(download) => {
                self.download(member, download, refused, within, frame).await.map(Some)
            }
        }
    }
}

/// How a login or reconnect ended, held against what the step asks for.
fn entered(
    member: &Member,
    ended: Result<(), Refusing>,
    refused: Option<Refused>,
    what: &str,
) -> Result<Option<Value>, Setback> {
    match (ended, refused) {
        (Ok(()), None) => Ok(Some(member.value())),
        (Ok(()), Some(_)) => Err(Setback::target(format!("{what} is refused"), "it succeeded")),
        (Err(refusing), wanted) => refusing.judged(wanted, what).map(|()| Some(member.value())),
    }
}
