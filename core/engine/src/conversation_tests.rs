use super::*;

const NOW: Wall = Wall(1_700_000_000_000);

fn id(number: u8) -> MessageId {
    MessageId([number; 16])
}

struct Story {
    conversation: Conversation,
    gate: Gate,
    next: u64,
}

impl Story {
    fn new() -> Self {
        Self { conversation: Conversation::default(), gate: Gate::default(), next: 0 }
    }

    /// A received message with its sender's clock; returns whether it shows a gap.
    fn receive(&mut self, number: u8, clock: u64, parents: &[u8]) -> bool {
        let parents: Vec<MessageId> = parents.iter().map(|parent| id(*parent)).collect();
        let order = self.conversation.place(clock, &parents, NOW);
        let row = MessageRow {
            key: MessageKey(self.next),
            friend: FriendId(0),
            id: id(number),
            mine: false,
            order,
            local_time: NOW,
            send_time: NOW,
            state: StoredState::Delivered,
            unread: true,
            parents,
            text: String::new(),
        };
        let key = row.key;
        self.next += 1;
        self.conversation.add(row, &mut self.gate);
        self.conversation.has_gap(key, |_| false)
    }

    fn shown(&self) -> Vec<u8> {
        let message = |key: &MessageKey| self.conversation.messages[key].id.0[0];
        self.conversation.by_order.iter().map(|(_, key)| message(key)).collect()
    }
}

#[test]
fn messages_stand_in_the_order_of_their_clocks() {
    let mut story = Story::new();
    story.receive(1, 30, &[]);
    story.receive(2, 10, &[]);
    story.receive(3, 20, &[]);
    assert_eq!(story.shown(), [2, 3, 1]);
}

#[test]
fn a_child_stands_behind_its_parent_whatever_its_clock_says() {
    let mut story = Story::new();
    story.receive(1, 1_000, &[]);
    story.receive(2, 5, &[1]);
    assert_eq!(story.shown(), [1, 2]);
}

#[test]
fn a_parent_that_comes_late_moves_its_followers_behind_it() {
    let mut story = Story::new();
    assert!(story.receive(3, 10, &[2]));
    assert!(!story.receive(4, 11, &[3]));
    assert!(story.receive(2, 500, &[1]));
    assert_eq!(story.shown(), [2, 3, 4]);
    assert!(!story.receive(1, 900, &[]));
    assert_eq!(story.shown(), [1, 2, 3, 4]);
    let updates = story.gate.poll_commit().unwrap().writes;
    assert!(updates.iter().any(|write| matches!(write, Write::UpdateMessage { .. })));
}

#[test]
fn a_clock_far_ahead_is_believed_five_minutes_at_most() {
    let mut story = Story::new();
    story.receive(1, u64::MAX, &[]);
    let order = story.conversation.message(id(1)).unwrap().order;
    assert_eq!(order, clock_at(NOW + CLOCK_AHEAD));
    assert!(story.conversation.tick(NOW) > order);
}

#[test]
fn the_next_message_follows_those_nobody_has_followed() {
    let mut story = Story::new();
    for number in 1..=6 {
        story.receive(number, number.into(), &[]);
    }
    assert_eq!(story.conversation.parents(), [id(6), id(5), id(4), id(3)]);
    story.receive(7, 7, &[6, 5]);
    assert_eq!(story.conversation.parents(), [id(7), id(4), id(3), id(2)]);
}

#[test]
fn the_clock_never_goes_back_when_the_device_s_does() {
    let mut story = Story::new();
    let first = story.conversation.tick(NOW);
    assert!(story.conversation.tick(Wall(0)) > first);
}

#[test]
fn what_was_removed_leaves_no_trace_in_the_order() {
    let mut story = Story::new();
    story.receive(1, 1, &[]);
    story.receive(2, 2, &[9]);
    let key = story.conversation.message(id(2)).unwrap().key;
    story.conversation.remove(key, &mut story.gate).unwrap();
    story.receive(9, 9, &[]);
    assert_eq!(story.shown(), [1, 9]);
    assert_eq!(story.conversation.parents(), [id(9), id(1)]);
    assert_eq!(story.conversation.unread(), 2);
}

#[test]
fn reading_marks_every_received_message_once() {
    let mut story = Story::new();
    story.receive(1, 1, &[]);
    story.receive(2, 2, &[]);
    assert_eq!(story.conversation.read_all(&mut story.gate), [id(1), id(2)]);
    assert_eq!(story.conversation.read_all(&mut story.gate), []);
}
