//! One file for each verb.

pub(crate) mod bench;
pub(crate) mod check;
pub(crate) mod compare;
pub(crate) mod convert;
pub(crate) mod decode;
pub(crate) mod encode;
pub(crate) mod fit;
pub(crate) mod info;
pub(crate) mod init;
pub(crate) mod interpolate;
pub(crate) mod report;
pub(crate) mod sample;
pub(crate) mod score;
pub(crate) mod shell;
pub(crate) mod view;
