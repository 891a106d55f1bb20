//! The codecs agree with every recorded frame of the genuine SDKs.

mod fixture;
mod uplink;
