# Made from mock-data/use-cases/uc5-plans-change.yaml by `enver bdd generate`: change that, not this.
@UC5
Feature: UC5 Plans change
  As a shipper
  I want to move a pickup or to call it off, and to know beforehand what that costs
  So that nobody waits for freight that does not come

  Privacy: Only its shipper and the administrators move a booking or call it off; whoever carries it sees that it happened.

  @uc5-move
  Scenario: Ravi moves his pickup, as often as he may
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    And Acme's fleet owner and driver join
    And Fatima registers her heavy truck
    When Ravi books a truck for the day after tomorrow
    Then the answer to ravi is 201 Created
    # announces booking.created
      | data | has the form of shipperId a5a00000000000000000000000000002, status created, freight pickup address Nalgonda, lat 17.05, lng 79.27, drop … |
    When The yard is flooded, so he moves the pickup by a day
    Then the answer to ravi is 200 OK
    # announces booking.rescheduled
      | data                  | has the form of shipperId a5a00000000000000000000000000002, status created, freight pickup address Nalgonda, lat 17.05, lng 79.27, drop … |
      | data.bookingId        | is the bookingId from before                                                                                                              |
      | data.status           | is created                                                                                                                                |
      | data.freight          | is pickup address Nalgonda, lat 17.05, lng 79.27, drop address Miryalguda, lat 16.87, lng 79.56, material coal, tonnes 12.5…              |
      | data.freight.pickupAt | is now+3d                                                                                                                                 |
    When Asha takes it on
    Then the answer to asha is 200 OK
    # announces booking.confirmed
      | data        | has the form of shipperId a5a00000000000000000000000000002, status created, freight pickup address Nalgonda, lat 17.05, lng 79.27, drop … |
      | data.status | is confirmed                                                                                                                              |
    When She gives it Fatima's truck
    Then the answer to asha is 200 OK
    # announces booking.assigned
      | data        | has the form of shipperId a5a00000000000000000000000000002, freight pickup address Nalgonda, lat 17.05, lng 79.27, drop address Miryalgu… |
      | data.status | is assigned                                                                                                                               |
    When Ravi moves it again, and the truck is given back
    Then the answer to ravi is 200 OK
    # announces booking.rescheduled
      | data            | has the form of shipperId a5a00000000000000000000000000002, status created, freight pickup address Nalgonda, lat 17.05, lng 79.27, drop … |
      | data.status     | is confirmed                                                                                                                              |
      | data.assignment | is absent                                                                                                                                 |
    And The truck waits for other freight
      | data.status | is available |
    When He moves it a third time, which is the last
    Then the answer to ravi is 200 OK
    # announces booking.rescheduled
      | data        | has the form of shipperId a5a00000000000000000000000000002, status created, freight pickup address Nalgonda, lat 17.05, lng 79.27, drop … |
      | data.status | is confirmed                                                                                                                              |
    When He books another
    Then the answer to ravi is 201 Created
    # announces booking.created
      | data | has the form of shipperId a5a00000000000000000000000000002, status created, freight pickup address Nalgonda, lat 17.05, lng 79.27, drop … |
    When And one that is picked up in an hour and a half
    Then the answer to ravi is 201 Created
    # announces booking.created
      | data         | has the form of shipperId a5a00000000000000000000000000002, status created, freight pickup address Nalgonda, lat 17.05, lng 79.27, drop … |
      | data.freight | is pickup address Nalgonda, lat 17.05, lng 79.27, drop address Miryalguda, lat 16.87, lng 79.56, material coal, tonnes 12.5…              |
    When The other he calls off
    Then the answer to ravi is 200 OK
    # announces booking.cancelled
      | data           | has the form of shipperId a5a00000000000000000000000000002, freight pickup address Nalgonda, lat 17.05, lng 79.27, drop address Miryalgu… |
      | data.bookingId | is the otherId from before                                                                                                                |
      | data.status    | is cancelled                                                                                                                              |

  @uc5-move @cases
  Scenario Outline: What is not moved
    Given the state after "Ravi moves his pickup, as often as he may"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                       | caller | status | code                   |
      | Three times is enough                      | ravi   | 422    | RESCHEDULED_TOO_OFTEN  |
      | What is picked up within two hours stays   | ravi   | 422    | RESCHEDULING_TOO_LATE  |
      | What is called off is not moved            | ravi   | 409    | INVALID_BOOKING_STATUS |
      | A booking that nobody made                 | ravi   | 404    | BOOKING_NOT_FOUND      |
      | An idempotency key is good for one request | ravi   | 422    | IDEMPOTENCY_KEY_REUSED |
      | Whoever moves it says why                  | ravi   | 400    | VALIDATION_ERROR       |

  @uc5-window
  Scenario: A pickup is moved to a time at which trucks can be had
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    When Ravi books a truck for the day after tomorrow
    Then the answer to ravi is 201 Created
    # announces booking.created
      | data | has the form of shipperId a5a00000000000000000000000000002, status created, freight pickup address Nalgonda, lat 17.05, lng 79.27, drop … |
    When He moves the pickup by a day
    Then the answer to ravi is 200 OK
    # announces booking.rescheduled
      | data        | has the form of shipperId a5a00000000000000000000000000002, status created, freight pickup address Nalgonda, lat 17.05, lng 79.27, drop … |
      | data.status | is created                                                                                                                                |

  @uc5-window @cases
  Scenario Outline: When nothing is picked up
    Given the state after "A pickup is moved to a time at which trucks can be had"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                         | caller | status | code                  |
      | In ten days is too far ahead | ravi   | 422    | BOOKING_WINDOW_CLOSED |
      | Yesterday is over            | ravi   | 422    | BOOKING_WINDOW_CLOSED |

  @uc5-call-off @smoke
  Scenario: Ravi calls bookings off, for nothing or for a fee
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    And Acme's fleet owner and driver join
    And Fatima registers her heavy truck
    When Ravi books a truck for the day after tomorrow
    Then the answer to ravi is 201 Created
    # announces booking.created
      | data | has the form of shipperId a5a00000000000000000000000000002, status created, freight pickup address Nalgonda, lat 17.05, lng 79.27, drop … |
    When Calling it off now costs nothing
    Then the answer to ravi is 200 OK
    # announces booking.cancelled
    # which reaches updateShipperSummary of booking
      | data                        | has the form of shipperId a5a00000000000000000000000000002, freight pickup address Nalgonda, lat 17.05, lng 79.27, drop address Miryalgu… |
      | data.bookingId              | is the bookingId from before                                                                                                              |
      | data.status                 | is cancelled                                                                                                                              |
      | data.cancellation.at        | has the form of now                                                                                                                       |
      | data.cancellation.reason    | is the yard is flooded                                                                                                                    |
      | data.cancellation.feeAmount | is 0                                                                                                                                      |
    When He books a truck for this afternoon
    Then the answer to ravi is 201 Created
    # announces booking.created
      | data | has the form of shipperId a5a00000000000000000000000000002, status created, freight pickup address Nalgonda, lat 17.05, lng 79.27, drop … |
    When Calling that off costs a tenth, because it is today
    Then the answer to ravi is 200 OK
    # announces booking.cancelled
    # which reaches updateShipperSummary of booking
      | data                        | has the form of shipperId a5a00000000000000000000000000002, freight pickup address Nalgonda, lat 17.05, lng 79.27, drop address Miryalgu… |
      | data.status                 | is cancelled                                                                                                                              |
      | data.cancellation.at        | has the form of now                                                                                                                       |
      | data.cancellation.reason    | is the yard is flooded                                                                                                                    |
      | data.cancellation.feeAmount | is 166675                                                                                                                                 |
    When He books once more
    Then the answer to ravi is 201 Created
    # announces booking.created
      | data | has the form of shipperId a5a00000000000000000000000000002, status created, freight pickup address Nalgonda, lat 17.05, lng 79.27, drop … |
    When Asha takes it on
    Then the answer to asha is 200 OK
    # announces booking.confirmed
      | data        | has the form of shipperId a5a00000000000000000000000000002, status created, freight pickup address Nalgonda, lat 17.05, lng 79.27, drop … |
      | data.status | is confirmed                                                                                                                              |
    When She gives it Fatima's truck
    Then the answer to asha is 200 OK
    # announces booking.assigned
      | data        | has the form of shipperId a5a00000000000000000000000000002, freight pickup address Nalgonda, lat 17.05, lng 79.27, drop address Miryalgu… |
      | data.status | is assigned                                                                                                                               |
    When Calling it off costs a twentieth, because a truck was kept for it
    Then the answer to ravi is 200 OK
    # announces booking.cancelled
    # which reaches updateShipperSummary of booking
      | data                        | has the form of shipperId a5a00000000000000000000000000002, freight pickup address Nalgonda, lat 17.05, lng 79.27, drop address Miryalgu… |
      | data.status                 | is cancelled                                                                                                                              |
      | data.cancellation.at        | has the form of now                                                                                                                       |
      | data.cancellation.reason    | is the yard is flooded                                                                                                                    |
      | data.cancellation.feeAmount | is 83338                                                                                                                                  |
    And His summary counts what that has cost
      | data.openBookings      | is 0      |
      | data.openAmount        | is 0      |
      | data.cancelledBookings | is 3      |
      | data.cancellationFees  | is 250013 |
    When He books one that is picked up in an hour and a half
    Then the answer to ravi is 201 Created
    # announces booking.created
      | data | has the form of shipperId a5a00000000000000000000000000002, status created, freight pickup address Nalgonda, lat 17.05, lng 79.27, drop … |

  @uc5-call-off @smoke @cases
  Scenario Outline: What is not called off
    Given the state after "Ravi calls bookings off, for nothing or for a fee"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                       | caller | status | code                   |
      | What is called off is not called off again | ravi   | 409    | BOOKING_NOT_OPEN       |
      | What is picked up within two hours comes   | ravi   | 422    | CANCELLATION_TOO_LATE  |
      | A booking that nobody made                 | ravi   | 404    | BOOKING_NOT_FOUND      |
      | An idempotency key is good for one request | ravi   | 422    | IDEMPOTENCY_KEY_REUSED |
      | Whoever calls it off says why              | ravi   | 400    | VALIDATION_ERROR       |
