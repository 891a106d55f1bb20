//! The verb `recall`.

use std::{sync::Arc, time::Duration};

use super::{cast::Cast, member::Member, setback::Setback, stage::Frame};
use crate::scenario::{
    Value,
    model::{Recall, Refused},
};

impl Cast {
    pub(super) async fn recall(
        &self,
        _member: &Arc<Member>,
        _recall: &Recall,
        _refused: Option<Refused>,
        _within: Duration,
        _frame: &Frame,
    ) -> Result<Value, Setback> {
        Err(Setback::script("`recall` is played", "not written"))
    }
}
