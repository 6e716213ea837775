//! The list of all promises, as tests of one engine.

/// Makes a test of every promise.
macro_rules! every_promise {
    ($engine:expr) => {
        $crate::store::contract_suite::every_promise! { @tests $engine;
            accepting::accepted_is_there_after_a_restart,
            accepting::a_repetition_is_answered_with_what_was_stored,
            accepting::the_same_alert_sent_by_many_at_once_is_one_alert,
            accepting::the_same_alert_twice_in_one_call_is_one_alert,
            accepting::an_update_is_kept_beside_the_first_body,
            updating::an_update_calls_for_its_runs_once,
            updating::an_update_s_runs_see_it_with_what_people_have_made_of_the_alert,
            updating::what_repeats_or_belongs_to_an_update_s_run_sees_the_same,
            updating::what_a_person_changes_is_an_update_if_it_changes_anything,
            updating::an_update_s_runs_keep_to_the_rate_limit_and_to_the_switch,
            accepting::many_large_updates_make_no_large_alert,
            accepting::a_dismissed_alert_says_which_filters_and_why,
            accepting::a_call_that_fails_leaves_nothing_and_spoils_no_neighbour,
            accepting::the_rules_that_decided_are_kept,
            accepting::an_alert_is_given_back_as_it_was_decided_on,
            accepting::runs_over_the_limit_are_not_created,
            limiting::what_exceeds_a_limit_is_dismissed_within_a_call_and_after_a_restart,
            limiting::what_exceeds_a_limit_is_kept_as_dismissed_with_its_own_runs,
            limiting::a_repetition_counts_for_no_limit_and_no_hit,
            limiting::a_call_that_fails_counts_nothing,
            ruling::hits_are_counted_once_for_each_alert_and_stay,
            ruling::a_call_that_fails_hits_nothing,
            ruling::types_that_never_met_anything_are_blind_spots,
            ruling::a_held_version_stays_held_until_it_changes_or_is_vouched_for,
            ruling::what_is_usual_is_counted_from_the_first_hour_on,
            accepting::overload_is_refused_and_loses_nothing,
            claiming::a_run_is_claimed_once,
            claiming::a_released_run_is_claimed_again,
            claiming::work_lost_in_a_panic_is_claimed_again,
            claiming::work_whose_record_was_refused_is_claimed_again,
            claiming::a_claim_that_was_recorded_lets_go_of_no_later_one,
            claiming::a_flood_of_one_playbook_delays_no_other,
            claiming::a_restart_releases_claims,
            claiming::claims_of_a_claimer_that_went_away_are_released,
            claiming::a_step_settled_while_its_run_is_claimed_keeps_it_ready,
            claiming::a_request_is_claimed_once,
            claiming::a_request_is_claimed_as_it_was_recorded,
            claiming::a_run_is_claimed_as_it_was_created,
            stepping::a_step_that_is_done_is_never_claimed_again,
            stepping::a_step_that_is_done_stays_as_it_is,
            stepping::a_postponed_request_waits_for_its_time,
            stepping::immediate_changes_reach_the_alert,
            stepping::a_refused_step_fails_at_once_and_its_run_goes_on,
            stepping::an_attempt_keeps_what_was_answered,
            stepping::the_end_of_a_run_cancels_what_is_in_flight,
            stepping::a_late_attempt_is_kept_and_revives_nothing,
            stepping::the_journal_keeps_order_and_time,
            stepping::progress_of_a_run_that_ended_changes_nothing,
            operating::an_answer_lets_its_run_go_on,
            operating::silence_answers_as_the_script_has_said,
            operating::a_cancelled_run_takes_all_with_it_and_stays_ended,
            operating::a_childs_end_is_its_parents_result,
            operating::playbooks_that_start_one_another_come_to_an_end,
            operating::what_runs_keep_is_there_for_the_next_one,
            operating::a_letter_sent_again_keeps_its_id_and_bytes_and_has_a_new_schedule,
            operating::a_letter_sent_again_can_die_again_or_be_discarded,
            operating::every_request_that_was_given_up_is_a_letter,
            operating::waiting_lists_come_in_pages,
            operating::a_run_by_hand_keeps_to_the_rate_limit,
            operating::the_switch_stays_as_it_was_left,
            timing::a_sleep_ends_when_its_time_has_come,
            timing::what_expires_is_found_however_much_waits_before_it,
            timing::a_letter_sent_again_expires_too,
            timing::a_run_past_its_deadline_expires,
            timing::next_work_names_what_is_due,
            timing::a_start_counts_what_was_in_flight,
            lanes::a_lane_stands_after_a_restart_as_it_was_recorded,
            lanes::a_lane_stands_as_it_was_recorded_last,
            listing::pages_are_complete_while_alerts_come_in,
            listing::long_texts_are_listed_short_and_kept_whole,
            listing::the_gravest_come_first_then_the_newest,
            listing::each_filter_narrows_the_list,
            listing::a_cursor_is_good_for_its_own_list_only,
            listing::runs_are_listed_newest_first,
            listing::counts_add_up,
        }
    };
    (@tests $engine:expr; $($topic:ident :: $promise:ident,)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $promise() {
                $crate::store::contract_suite::$topic::$promise(&$engine).await;
            }
        )*
    };
}
pub(crate) use every_promise;
