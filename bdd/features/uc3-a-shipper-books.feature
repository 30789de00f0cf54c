# Made from mock-data/use-cases/uc3-a-shipper-books.yaml by `enver bdd generate`: change that, not this.
@UC3
Feature: UC3 A shipper gets a quote and books
  As a shipper
  I want to know what a transport costs and to book it at that price
  So that the freight leaves on the day and at the price that were agreed

  Privacy: A quote and a booking are their shipper's and the administrators'; other shippers and other companies do not find them.

  @uc3-quote-and-book @smoke
  Scenario: Ravi gets a quote for his coal and books it
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    When Ravi asks what twelve and a half tonnes of coal cost
    Then the answer to ravi is 201 Created
      | data                   | has the form of quoteId QT-00000000000000C1, quoteToken example_of_a_quote_that_nobody_signed, freight pickup address Nalgonda, lat 17.0… |
      | data.freight           | is pickup address Nalgonda, lat 17.05, lng 79.27, drop address Miryalguda, lat 16.87, lng 79.56, material coal, tonnes 12.5…              |
      | data.distanceKm        | is 42                                                                                                                                     |
      | data.price             | has the form of baseAmount 625000, currency INR, discounts , distanceCharge 787500, materialSurcharge 0, priceVersion 1-0, surgeAmount 0… |
      | data.price.totalAmount | is 1666750                                                                                                                                |
    When Ravi books at that price
    Then the answer to ravi is 201 Created
    # announces booking.created
    # which reaches updateShipperSummary of booking
      | data                   | has the form of bookingId BK-00000000000000C1, shipperId a5a00000000000000000000000000002, status created, freight pickup address Nalgon… |
      | data.shipperId         | is the ravi from before                                                                                                                   |
      | data.status            | is created                                                                                                                                |
      | data.freight           | is pickup address Nalgonda, lat 17.05, lng 79.27, drop address Miryalguda, lat 16.87, lng 79.56, material coal, tonnes 12.5…              |
      | data.price             | has the form of baseAmount 625000, currency INR, discounts , distanceCharge 787500, materialSurcharge 0, priceVersion 1-0, surgeAmount 0… |
      | data.price.totalAmount | is 1666750                                                                                                                                |
      | data.quoteId           | is the quoteId from before                                                                                                                |
    And Ravi reads his booking
      | data           | has the form of bookingId BK-00000000000000C1, shipperId a5a00000000000000000000000000002, status created, freight pickup address Nalgon… |
      | data.bookingId | is the bookingId from before                                                                                                              |
      | data.status    | is created                                                                                                                                |
      | data.quoteId   | is the quoteId from before                                                                                                                |
    And Ravi finds it among his bookings
      | data       | has bookingId BK-00000000000000C1, shipperId a5a00000000000000000000000000002, status created, freight pickup address Nalgon… |
      | pagination | has the form of pageSize 20                                                                                                   |
    And His summary counts it
      | data.openBookings      | is 1       |
      | data.openAmount        | is 1666750 |
      | data.cancelledBookings | is 0       |
      | data.byStatus.created  | is 1       |
      | data.completedAmount   | is 0       |
      | data.cancellationFees  | is 0       |
    When The same request again gets the same answer, and no second truck
    Then the answer to ravi is 201 Created
      | idempotent-replayed (header) | is true                                                                                                                                   |
      | data                         | has the form of bookingId BK-00000000000000C1, shipperId a5a00000000000000000000000000002, status created, freight pickup address Nalgon… |
      | data.bookingId               | is the bookingId from before                                                                                                              |
    When Asha reads what was done with it
    Then the answer to asha is 200 OK
      | data.bookingId         | is the bookingId from before |
      | data.status            | is created                   |
      | data.entries[0].at     | has the form of now          |
      | data.entries[0].by     | is the ravi from before      |
      | data.entries[0].action | is create                    |
      | data.entries[0].to     | is created                   |

  @uc3-quote-and-book @smoke @cases
  Scenario Outline: What is not priced
    Given the state after "Ravi gets a quote for his coal and books it"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                                | caller | status | code                  |
      | Forty-one tonnes are more than any truck takes      | ravi   | 422    | TOO_HEAVY             |
      | Five thousand kilometres are further than trucks go | ravi   | 422    | TOO_FAR               |
      | A road is not shorter than the way of a bird        | ravi   | 422    | DISTANCE_TOO_SHORT    |
      | A pickup in half an hour is too soon                | ravi   | 422    | BOOKING_WINDOW_CLOSED |
      | A pickup in eight days is too far ahead             | ravi   | 422    | BOOKING_WINDOW_CLOSED |
      | Sand is not carried                                 | ravi   | 400    | VALIDATION_ERROR      |
      | Everything that is wrong is said at once            | ravi   | 400    | VALIDATION_ERROR      |

  @uc3-quote-and-book @smoke @cases
  Scenario Outline: What is not booked
    Given the state after "Ravi gets a quote for his coal and books it"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                       | caller | status | code                   |
      | A quote is good for one booking            | ravi   | 409    | QUOTE_USED             |
      | A quote that nobody got                    | ravi   | 404    | QUOTE_NOT_FOUND        |
      | Another's quote is not found               | asha   | 404    | QUOTE_NOT_FOUND        |
      | An idempotency key is good for one request | ravi   | 422    | IDEMPOTENCY_KEY_REUSED |

  @uc3-quote-and-book @smoke @cases
  Scenario Outline: What is not shown
    Given the state after "Ravi gets a quote for his coal and books it"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                       | caller | status | code              |
      | A booking that nobody made | ravi   | 404    | BOOKING_NOT_FOUND |

  @uc3-credit
  Scenario: Ravi books as far as his credit goes
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    When Asha reads what shippers may have open
    Then the answer to asha is 200 OK
      | etag (header)          | matches ^"[0-9]+-0"$                                                                                                                      |
      | data                   | has the form of document services.booking.(the enver).business.pricing, version 1-0, value basePerTonne 50000, currency INR, materialMul… |
      | data.document          | is services.booking.(the enver).business.credit                                                                                           |
      | data.value.limitAmount | is null                                                                                                                                   |
    When She sets a limit of twenty thousand rupees
    Then the answer to asha is 200 OK
    # announces config.changed
    # which reaches applyConfigurationChange of booking
      | data                   | has the form of document services.booking.(the enver).business.pricing, version 1-1, value basePerTonne 60000, currency INR, materialMul… |
      | data.document          | is services.booking.(the enver).business.credit                                                                                           |
      | data.value.limitAmount | is 2000000                                                                                                                                |
    And Ravi reads his limit
      | data.openAmount      | is 0       |
      | data.limitAmount     | is 2000000 |
      | data.availableAmount | is 2000000 |
    When He books once, which brings him near it
    Then the answer to ravi is 201 Created
    # announces booking.created
      | data        | has the form of shipperId a5a00000000000000000000000000002, status created, freight pickup address Nalgonda, lat 17.05, lng 79.27, drop … |
      | data.credit | is warning                                                                                                                                |
    When A second booking is more than he may have open
    Then the answer to ravi is 422 INSUFFICIENT_CREDIT
    When He reads what is left
    Then the answer to ravi is 200 OK
      | data.openAmount      | is 1666750                           |
      | data.limitAmount     | is 2000000                           |
      | data.availableAmount | is an integer and is at most 2000000 |
