//! The verb `history`: the pages of a conversation, and what must stand there.

use std::{sync::Arc, time::Duration};

use super::{cast::Cast, member::Member, setback::Setback, stage::Frame};
use crate::scenario::{
    Value,
    model::{History, Refused},
};

impl Cast {
    pub(super) async fn history(
        &self,
        _member: &Arc<Member>,
        _history: &History,
        _refused: Option<Refused>,
        _within: Duration,
        _frame: &Frame,
    ) -> Result<Value, Setback> {
        Err(Setback::script("`history` is played", "not written"))
    }
}
