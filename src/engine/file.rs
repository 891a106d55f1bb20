//! The verbs `upload` and `download`.

use std::{sync::Arc, time::Duration};

use super::{cast::Cast, member::Member, setback::Setback, stage::Frame};
use crate::scenario::{
    Value,
    model::{Download, Refused, Upload},
};

impl Cast {
    pub(super) async fn upload(
        &self,
        _member: &Arc<Member>,
        _upload: &Upload,
        _refused: Option<Refused>,
        _within: Duration,
    ) -> Result<Value, Setback> {
        Err(Setback::script("`upload` is played", "not written"))
    }

    pub(super) async fn download(
        &self,
        _member: &Arc<Member>,
        _download: &Download,
        _refused: Option<Refused>,
        _within: Duration,
        _frame: &Frame,
    ) -> Result<Value, Setback> {
        Err(Setback::script("`download` is played", "not written"))
    }
}
