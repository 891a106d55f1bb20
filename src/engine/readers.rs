//! The verb `readers`: who has read a group message.

use std::{sync::Arc, time::Duration};

use super::{cast::Cast, member::Member, setback::Setback, stage::Frame};
use crate::scenario::{
    Value,
    model::{Readers, Refused},
};

impl Cast {
    pub(super) async fn readers(
        &self,
        _member: &Arc<Member>,
        _readers: &Readers,
        _refused: Option<Refused>,
        _within: Duration,
        _frame: &Frame,
    ) -> Result<Value, Setback> {
        Err(Setback::script("`readers` is played", "not written"))
    }
}
