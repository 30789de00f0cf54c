//! Generated types are contracts as any written by hand: their parser, their validator and their schema agree, and a
//! consumer takes them as messages.

use operation::{CloudEvent, Consumer, ConsumerDeclaration, Context, Service};
use serde_json::json;
use service_errors::Error;
use testing::promises;

use crate::upstreams::desk::{ListTicketsAnswer, TicketData, TICKET_CLOSED, TicketAnswer, TicketClosed};

const fn declared(id: &'static str) -> ConsumerDeclaration {
    ConsumerDeclaration {
        id,
        queue: "shop-desk",
        events: &[TICKET_CLOSED],
        summary: "Takes what it is given",
        audit: None,
        touches: &[],
        max_receive_count: 5,
    }
}

async fn take<T>(_: Context<()>, _: CloudEvent<T>) -> Result<(), Error> {
    Ok(())
}

#[test]
fn validators_and_schemas_of_generated_types_agree() {
    static MESSAGE: ConsumerDeclaration = declared("takeMessage");
    static TICKET: ConsumerDeclaration = declared("takeTicket");
    static CREATED: ConsumerDeclaration = declared("takeCreated");
    static LISTED: ConsumerDeclaration = declared("takeListed");
    let consumers = vec![
        Consumer::new(&MESSAGE, take::<TicketClosed>),
        Consumer::new(&TICKET, take::<TicketData>),
        Consumer::new(&CREATED, take::<TicketAnswer>),
        Consumer::new(&LISTED, take::<ListTicketsAnswer>),
    ];

    promises::validators_and_schemas_agree(&Service::<()>::new("shop", vec![], consumers));
}

#[test]
fn a_message_is_taken_with_what_it_needs_and_whatever_else() {
    let service =
        Service::<()>::new("shop", vec![], vec![Consumer::new(&const { declared("take") }, take::<TicketClosed>)]);
    let data = &service.consumers()[0].data;
    let accepts = |message: serde_json::Value| data.accepts(message.to_string().as_bytes()).is_ok();

    assert!(accepts(json!({ "ticketId": "TK-0001", "mood": "glad" })));
    assert!(accepts(json!({ "ticketId": "TK-0001", "by": 7, "reason": "done" })), "`by` is not read");
    assert!(!accepts(json!({ "by": "Asha" })));
    assert!(!accepts(json!({ "ticketId": "seven" })));
    assert_eq!(TICKET_CLOSED.name, "ticket.closed");
}
