//! Promises about how lanes stand.

use super::samples::at;
use super::{Engine, restart};
use crate::store::{LaneRecord, LaneState};

fn lane(connection: &str, state: LaneState) -> LaneRecord {
    LaneRecord { connection: connection.to_owned(), state, since: at(3), until: Some(at(33)), openings: 2 }
}

pub(crate) async fn a_lane_stands_after_a_restart_as_it_was_recorded(engine: &dyn Engine) {
    let store = engine.open().await;
    assert_eq!(store.lane_states().await.unwrap(), []);
    let lanes: Vec<LaneRecord> = LaneState::ALL.into_iter().map(|state| lane(state.as_str(), state)).collect();
    for lane in &lanes {
        store.record_lane_state(lane.clone()).await.unwrap();
    }
    let store = restart(engine, store).await;
    let mut found = store.lane_states().await.unwrap();
    found.sort_by_key(|lane| LaneState::ALL.iter().position(|state| *state == lane.state));
    assert_eq!(found, lanes);
}

pub(crate) async fn a_lane_stands_as_it_was_recorded_last(engine: &dyn Engine) {
    let store = engine.open().await;
    store.record_lane_state(lane("chat", LaneState::Open)).await.unwrap();
    store.record_lane_state(lane("mail", LaneState::Held)).await.unwrap();
    let paused = LaneRecord { until: None, since: at(9), openings: 0, ..lane("chat", LaneState::Paused) };
    store.record_lane_state(paused.clone()).await.unwrap();
    assert_eq!(store.lane_states().await.unwrap(), [paused, lane("mail", LaneState::Held)]);
}
