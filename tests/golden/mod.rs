//! The codecs agree with every recorded frame of the genuine SDKs.

mod downlink;
mod fixture;
mod refusal;
mod roaming;
mod uplink;
