//! The verbs `read`, `delivery`, `channel` and `readers`.

use std::{sync::Arc, time::Duration};

use super::{cast::Cast, member::Member, setback::Setback, stage::Frame};
use crate::scenario::{
    Value,
    model::{Address, Readers, Receipt, Refused},
};

impl Cast {
    pub(super) async fn receipt(
        &self,
        _member: &Arc<Member>,
        _receipt: &Receipt,
        _refused: Option<Refused>,
        _within: Duration,
        _frame: &Frame,
    ) -> Result<Value, Setback> {
        Err(Setback::script("`receipt` is played", "not written"))
    }

    pub(super) async fn channel(
        &self,
        _member: &Arc<Member>,
        _to: &Address,
        _refused: Option<Refused>,
        _within: Duration,
        _frame: &Frame,
    ) -> Result<Value, Setback> {
        Err(Setback::script("`channel` is played", "not written"))
    }

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
