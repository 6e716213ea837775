//! Microsoft Defender for Cloud: one alert in three shapes, a file each, and the mapping they share.

mod export;
mod mapping;
mod resource;
mod rest;
mod table;

pub(super) use export::map as export;
pub(super) use rest::map as rest;
pub(super) use table::map as table;
