//! The verbs `sessions` and `delete_session`.

use std::{sync::Arc, time::Duration};

use super::{cast::Cast, member::Member, setback::Setback, stage::Frame};
use crate::scenario::{
    Value,
    model::{DeleteSession, Refused, Sessions},
};

impl Cast {
    pub(super) async fn sessions(
        &self,
        _member: &Arc<Member>,
        _sessions: &Sessions,
        _refused: Option<Refused>,
        _within: Duration,
    ) -> Result<Value, Setback> {
        Err(Setback::script("`sessions` is played", "not written"))
    }

    pub(super) async fn delete_session(
        &self,
        _member: &Arc<Member>,
        _deletion: &DeleteSession,
        _refused: Option<Refused>,
        _within: Duration,
        _frame: &Frame,
    ) -> Result<Value, Setback> {
        Err(Setback::script("`delete_session` is played", "not written"))
    }
}
