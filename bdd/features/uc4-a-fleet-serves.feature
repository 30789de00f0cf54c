# Made from mock-data/use-cases/uc4-a-fleet-serves.yaml by `enver bdd generate`: change that, not this.
@UC4
Feature: UC4 A fleet serves the booking to completion
  As a fleet owner
  I want to have my trucks and drivers given freight, and to carry it
  So that what was booked arrives, and everybody sees where it stands

  Privacy: A fleet's owner sees their own vehicles and the trips they carry, a driver their own trips; neither sees what shippers have booked beside that, and no other company sees any of it.

  @uc4-carry @smoke
  Scenario: Fatima's truck and Deepak carry Ravi's coal
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    And Acme's fleet owner and driver join
    And Fatima registers her heavy truck
    When Fatima reads her truck
    Then the answer to fatima is 200 OK
      | data           | has the form of vehicleId VH-00000000000000A1, fleetOwnerId a5a00000000000000000000000000003, registrationNumber TS09UB4071, vehicleClas… |
      | data.vehicleId | is the leyland from before                                                                                                                |
      | data.status    | is available                                                                                                                              |
    When She finds it among her trucks
    Then the answer to fatima is 200 OK
      | data[0]           | has the form of vehicleId VH-00000000000000A1, fleetOwnerId a5a00000000000000000000000000003, registrationNumber TS09UB4071, vehicleClas… |
      | data[0].vehicleId | is the leyland from before                                                                                                                |
      | pagination        | has the form of pageSize 20                                                                                                               |
    When She says that it waits in the coal yard
    Then the answer to fatima is 200 OK
      | data           | has the form of vehicleId VH-00000000000000A1, fleetOwnerId a5a00000000000000000000000000003, registrationNumber TS09UB4071, vehicleClas… |
      | data.vehicleId | is the leyland from before                                                                                                                |
      | data.status    | is available                                                                                                                              |
    When Ravi books a truck for this afternoon, without a quote
    Then the answer to ravi is 201 Created
    # announces booking.created
    # which reaches updateShipperSummary of booking
      | data           | has the form of shipperId a5a00000000000000000000000000002, status created, freight pickup address Nalgonda, lat 17.05, lng 79.27, drop … |
      | data.shipperId | is the ravi from before                                                                                                                   |
      | data.status    | is created                                                                                                                                |
      | data.freight   | is pickup address Nalgonda, lat 17.05, lng 79.27, drop address Miryalguda, lat 16.87, lng 79.56, material coal, tonnes 12.5…              |
      | data.quoteId   | is absent                                                                                                                                 |
    When Asha takes the booking on
    Then the answer to asha is 200 OK
    # announces booking.confirmed
    # which reaches updateShipperSummary of booking
      | data           | has the form of shipperId a5a00000000000000000000000000002, status created, freight pickup address Nalgonda, lat 17.05, lng 79.27, drop … |
      | data.bookingId | is the bookingId from before                                                                                                              |
      | data.status    | is confirmed                                                                                                                              |
    When She asks which truck is nearest to the coal
    Then the answer to asha is 200 OK
      | data.vehicles[0].vehicle           | has the form of vehicleId VH-00000000000000A1, fleetOwnerId a5a00000000000000000000000000003, registrationNumber TS09UB4071, vehicleClas… |
      | data.vehicles[0].vehicle.vehicleId | is the leyland from before                                                                                                                |
      | data.vehicles[0].distanceKm        | is within 1 of 0                                                                                                                          |
      | data.complete                      | is true                                                                                                                                   |
    When She gives it Fatima's truck, with Deepak at the wheel
    Then the answer to asha is 200 OK
    # announces booking.assigned
    # which reaches updateShipperSummary of booking
      | data                         | has the form of shipperId a5a00000000000000000000000000002, freight pickup address Nalgonda, lat 17.05, lng 79.27, drop address Miryalgu… |
      | data.bookingId               | is the bookingId from before                                                                                                              |
      | data.status                  | is assigned                                                                                                                               |
      | data.assignment.vehicleId    | is the leyland from before                                                                                                                |
      | data.assignment.driverId     | is the deepak from before                                                                                                                 |
      | data.assignment.fleetOwnerId | is the fatima from before                                                                                                                 |
    And The truck is taken
      | data.status    | is assigned                  |
      | data.bookingId | is the bookingId from before |
    And Deepak finds the trip among his
      | data[0]           | has the form of shipperId a5a00000000000000000000000000002, freight pickup address Nalgonda, lat 17.05, lng 79.27, drop address Miryalgu… |
      | data[0].bookingId | is the bookingId from before                                                                                                              |
      | pagination        | has the form of pageSize 20                                                                                                               |
    When Ravi does not rate what is not delivered
    Then the answer to ravi is 409 INVALID_BOOKING_STATUS
    When Deepak sets out
    Then the answer to deepak is 200 OK
    # announces booking.started
    # which reaches updateShipperSummary of booking
      | data           | has the form of shipperId a5a00000000000000000000000000002, freight pickup address Nalgonda, lat 17.05, lng 79.27, drop address Miryalgu… |
      | data.bookingId | is the bookingId from before                                                                                                              |
      | data.status    | is in_transit                                                                                                                             |
    When He delivers
    Then the answer to deepak is 200 OK
    # announces booking.completed
    # which reaches updateShipperSummary of booking
      | data           | has the form of shipperId a5a00000000000000000000000000002, freight pickup address Nalgonda, lat 17.05, lng 79.27, drop address Miryalgu… |
      | data.bookingId | is the bookingId from before                                                                                                              |
      | data.status    | is completed                                                                                                                              |
    And The truck waits again
      | data.status    | is available |
      | data.bookingId | is absent    |
    And Ravi's summary counts the delivery
      | data.openBookings       | is 0       |
      | data.openAmount         | is 0       |
      | data.byStatus.completed | is 1       |
      | data.completedAmount    | is 1666750 |
    And Nothing is open on his credit
      | data.openAmount | is 0 |
    And The history tells all of it, in order
      | data.bookingId         | is the bookingId from before |
      | data.status            | is completed                 |
      | data.entries[0].at     | has the form of now          |
      | data.entries[0].by     | is the ravi from before      |
      | data.entries[0].action | is create                    |
      | data.entries[0].to     | is created                   |
      | data.entries[1].at     | has the form of now          |
      | data.entries[1].by     | is the asha from before      |
      | data.entries[1].action | is confirm                   |
      | data.entries[1].from   | is created                   |
      | data.entries[1].to     | is confirmed                 |
      | data.entries[1].reason | is the yard has said yes     |
      | data.entries[2].at     | has the form of now          |
      | data.entries[2].by     | is the asha from before      |
      | data.entries[2].action | is assign                    |
      | data.entries[2].from   | is confirmed                 |
      | data.entries[2].to     | is assigned                  |
      | data.entries[3].at     | has the form of now          |
      | data.entries[3].by     | is the deepak from before    |
      | data.entries[3].action | is start                     |
      | data.entries[3].from   | is assigned                  |
      | data.entries[3].to     | is in_transit                |
      | data.entries[4].at     | has the form of now          |
      | data.entries[4].by     | is the deepak from before    |
      | data.entries[4].action | is complete                  |
      | data.entries[4].from   | is in_transit                |
      | data.entries[4].to     | is completed                 |
    When Ravi is content
    Then the answer to ravi is 200 OK
      | data               | has the form of shipperId a5a00000000000000000000000000002, freight pickup address Nalgonda, lat 17.05, lng 79.27, drop address Miryalgu… |
      | data.bookingId     | is the bookingId from before                                                                                                              |
      | data.rating.at     | has the form of now                                                                                                                       |
      | data.rating.stars  | is 5                                                                                                                                      |
      | data.rating.remark | is on time and dry                                                                                                                        |
    And His rating is Deepak's, and stands with the truck
      | data.driverId     | is the deepak from before |
      | data.driverRating | is 5.0                    |

  @uc4-carry @smoke @cases
  Scenario Outline: What is not rated
    Given the state after "Fatima's truck and Deepak carry Ravi's coal"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                       | caller | status | code                   |
      | What is rated is not rated twice           | ravi   | 409    | TRIP_RATED             |
      | A booking that nobody made                 | ravi   | 404    | BOOKING_NOT_FOUND      |
      | There are five stars                       | ravi   | 400    | VALIDATION_ERROR       |
      | An idempotency key is good for one request | ravi   | 422    | IDEMPOTENCY_KEY_REUSED |

  @uc4-carry @smoke @cases
  Scenario Outline: What is not taken on
    Given the state after "Fatima's truck and Deepak carry Ravi's coal"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                       | caller | status | code                   |
      | What is delivered is not taken on again    | asha   | 409    | INVALID_BOOKING_STATUS |
      | A booking that nobody made                 | asha   | 404    | BOOKING_NOT_FOUND      |
      | An idempotency key is good for one request | asha   | 422    | IDEMPOTENCY_KEY_REUSED |

  @uc4-carry @smoke @cases
  Scenario Outline: What is given no truck
    Given the state after "Fatima's truck and Deepak carry Ravi's coal"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                       | caller | status | code                   |
      | What is delivered is given no truck        | asha   | 409    | INVALID_BOOKING_STATUS |
      | A booking that nobody made                 | asha   | 404    | BOOKING_NOT_FOUND      |
      | A truck that nobody has                    | asha   | 404    | VEHICLE_NOT_FOUND      |
      | An idempotency key is good for one request | asha   | 422    | IDEMPOTENCY_KEY_REUSED |

  @uc4-carry @smoke @cases
  Scenario Outline: What does not set out
    Given the state after "Fatima's truck and Deepak carry Ravi's coal"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                       | caller | status | code                   |
      | What is delivered does not set out again   | deepak | 409    | INVALID_BOOKING_STATUS |
      | A booking that nobody made                 | deepak | 404    | BOOKING_NOT_FOUND      |
      | An idempotency key is good for one request | deepak | 422    | IDEMPOTENCY_KEY_REUSED |

  @uc4-carry @smoke @cases
  Scenario Outline: What is not delivered
    Given the state after "Fatima's truck and Deepak carry Ravi's coal"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                       | caller | status | code                   |
      | What is delivered is not delivered twice   | deepak | 409    | INVALID_BOOKING_STATUS |
      | A booking that nobody made                 | deepak | 404    | BOOKING_NOT_FOUND      |
      | An idempotency key is good for one request | deepak | 422    | IDEMPOTENCY_KEY_REUSED |

  @uc4-carry @smoke @cases
  Scenario Outline: What is not shown of trucks
    Given the state after "Fatima's truck and Deepak carry Ravi's coal"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                    | caller | status | code              |
      | A truck that nobody has | fatima | 404    | VEHICLE_NOT_FOUND |

  @uc4-carry @smoke @cases
  Scenario Outline: What cannot be said of a truck
    Given the state after "Fatima's truck and Deepak carry Ravi's coal"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                    | caller | status | code              |
      | A truck that nobody has | fatima | 404    | VEHICLE_NOT_FOUND |

  @uc4-carry @smoke @cases
  Scenario Outline: What is not told of bookings
    Given the state after "Fatima's truck and Deepak carry Ravi's coal"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                       | caller | status | code              |
      | A booking that nobody made | ravi   | 404    | BOOKING_NOT_FOUND |

  @uc4-registration
  Scenario: What Fatima may register, and what not
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    And Acme's fleet owner and driver join
    And Fatima registers her heavy truck
    When She registers a truck that stands nowhere, so it cannot be had
    Then the answer to fatima is 201 Created
      | data              | has the form of fleetOwnerId a5a00000000000000000000000000003, vehicleClass heavy, capacityTonnes 13, permits kind goods_carriage, numbe… |
      | data.status       | is offline                                                                                                                                |
      | data.fleetOwnerId | is the fatima from before                                                                                                                 |
      | data.position     | is absent                                                                                                                                 |
    When Asha registers another for her
    Then the answer to asha is 201 Created
      | data              | has the form of fleetOwnerId a5a00000000000000000000000000003, permits kind goods_carriage, number TS/GC/2026/0417, expiresAt now+365d, … |
      | data.status       | is available                                                                                                                              |
      | data.fleetOwnerId | is the fatima from before                                                                                                                 |
    When The parked one is kept back
    Then the answer to fatima is 200 OK
      | data           | has the form of fleetOwnerId a5a00000000000000000000000000003, vehicleClass heavy, capacityTonnes 13, permits kind goods_carriage, numbe… |
      | data.vehicleId | is the parked from before                                                                                                                 |
      | data.status    | is offline                                                                                                                                |

  @uc4-registration @cases
  Scenario Outline: What is not registered
    Given the state after "What Fatima may register, and what not"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                       | caller | status | code                   |
      | A number plate is one truck's              | asha   | 409    | DUPLICATE_VEHICLE      |
      | An administrator says whose it is          | asha   | 422    | FLEET_OWNER_MISSING    |
      | A medium truck does not take forty tonnes  | asha   | 422    | CAPACITY_OUT_OF_CLASS  |
      | A permit that has run out                  | asha   | 422    | PERMIT_EXPIRED         |
      | A truck without the permit to carry goods  | asha   | 422    | PERMIT_MISSING         |
      | An idempotency key is good for one request | asha   | 422    | IDEMPOTENCY_KEY_REUSED |
      | A number plate that is none                | asha   | 400    | VALIDATION_ERROR       |

  @uc4-registration @cases
  Scenario Outline: Where a truck cannot wait
    Given the state after "What Fatima may register, and what not"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                    | caller | status | code             |
      | A truck waits somewhere | fatima | 422    | POSITION_MISSING |

  @uc4-no-truck-fits
  Scenario: Not every truck and not everybody may carry the coal
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    And Acme's fleet owner and driver join
    And Fatima registers her heavy truck
    When Fatima registers her medium truck
    Then the answer to fatima is 201 Created
      | data | has the form of fleetOwnerId a5a00000000000000000000000000003, permits kind goods_carriage, number TS/GC/2026/0417, expiresAt now+365d, … |
    When And one whose permit ends tomorrow
    Then the answer to fatima is 201 Created
      | data | has the form of fleetOwnerId a5a00000000000000000000000000003, vehicleClass heavy, capacityTonnes 13, driverRating 4.5, status available… |
    When And one that she keeps back
    Then the answer to fatima is 201 Created
      | data | has the form of fleetOwnerId a5a00000000000000000000000000003, vehicleClass heavy, capacityTonnes 13, permits kind goods_carriage, numbe… |
    When Ravi books a truck of any class for the day after tomorrow
    Then the answer to ravi is 201 Created
    # announces booking.created
      | data | has the form of shipperId a5a00000000000000000000000000002, status created, freight pickup address Nalgonda, lat 17.05, lng 79.27, drop … |
    When Asha takes it on
    Then the answer to asha is 200 OK
    # announces booking.confirmed
      | data        | has the form of shipperId a5a00000000000000000000000000002, status created, freight pickup address Nalgonda, lat 17.05, lng 79.27, drop … |
      | data.status | is confirmed                                                                                                                              |
    When He books another, of a heavy truck
    Then the answer to ravi is 201 Created
    # announces booking.created
      | data         | has the form of shipperId a5a00000000000000000000000000002, status created, freight pickup address Nalgonda, lat 17.05, lng 79.27, drop … |
      | data.freight | is pickup address Nalgonda, lat 17.05, lng 79.27, drop address Miryalguda, lat 16.87, lng 79.56, material coal, tonnes 12.5…              |
    When Asha takes that on too
    Then the answer to asha is 200 OK
    # announces booking.confirmed
      | data        | has the form of shipperId a5a00000000000000000000000000002, status created, freight pickup address Nalgonda, lat 17.05, lng 79.27, drop … |
      | data.status | is confirmed                                                                                                                              |
    When Asha keeps the trucks of another yard for Ravi
    Then the answer to asha is 201 Created
      | data              | has the form of shipperId a5a00000000000000000000000000002, startsAt now-1d, endsAt now+90d, createdAt now, contractId CT-00000000000000… |
      | data.shipperId    | is the ravi from before                                                                                                                   |
      | data.contractType | is dedicated_fleet                                                                                                                        |
    When He books one of those
    Then the answer to ravi is 201 Created
    # announces booking.created
      | data                    | has the form of shipperId a5a00000000000000000000000000002, status created, freight pickup address Nalgonda, lat 17.05, lng 79.27, drop … |
      | data.freight            | is pickup address Nalgonda, lat 17.05, lng 79.27, drop address Miryalguda, lat 16.87, lng 79.56, material coal, tonnes 12.5…              |
      | data.freight.contractId | is the dedicatedContract from before                                                                                                      |
    When Asha takes that on as well
    Then the answer to asha is 200 OK
    # announces booking.confirmed
      | data        | has the form of shipperId a5a00000000000000000000000000002, status created, freight pickup address Nalgonda, lat 17.05, lng 79.27, drop … |
      | data.status | is confirmed                                                                                                                              |
    When Asha gives the first the heavy truck
    Then the answer to asha is 200 OK
    # announces booking.assigned
      | data        | has the form of shipperId a5a00000000000000000000000000002, freight pickup address Nalgonda, lat 17.05, lng 79.27, drop address Miryalgu… |
      | data.status | is assigned                                                                                                                               |
    When Nobody sets out two days before
    Then the answer to deepak is 422 TRIP_TOO_EARLY
    When Nobody else says where the truck is while it serves
    Then the answer to fatima is 409 VEHICLE_ASSIGNED

  @uc4-no-truck-fits @cases
  Scenario Outline: What does not carry the other
    Given the state after "Not every truck and not everybody may carry the coal"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                             | caller | status | code                    |
      | A truck whose permit ends before the pickup      | asha   | 422    | PERMIT_EXPIRED          |
      | A truck that serves another booking              | asha   | 409    | VEHICLE_UNAVAILABLE     |
      | A truck that its owner keeps back                | asha   | 409    | VEHICLE_UNAVAILABLE     |
      | A truck of another fleet than the contract keeps | asha   | 422    | OUTSIDE_DEDICATED_FLEET |
      | A truck of another class than was priced         | asha   | 422    | WRONG_VEHICLE_CLASS     |

  @uc4-no-driver-fits
  Scenario: Not everybody may drive
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    And Acme's fleet owner and driver join
    And Fatima registers her heavy truck
    When Fatima registers her medium truck
    Then the answer to fatima is 201 Created
      | data | has the form of fleetOwnerId a5a00000000000000000000000000003, permits kind goods_carriage, number TS/GC/2026/0417, expiresAt now+365d, … |
    When Ravi books a truck
    Then the answer to ravi is 201 Created
    # announces booking.created
      | data | has the form of shipperId a5a00000000000000000000000000002, status created, freight pickup address Nalgonda, lat 17.05, lng 79.27, drop … |
    When Asha takes it on
    Then the answer to asha is 200 OK
    # announces booking.confirmed
      | data        | has the form of shipperId a5a00000000000000000000000000002, status created, freight pickup address Nalgonda, lat 17.05, lng 79.27, drop … |
      | data.status | is confirmed                                                                                                                              |
    When The coal is too heavy for the medium truck
    Then the answer to asha is 422 CAPACITY_EXCEEDED
    When Asha suspends Deepak
    Then the answer to asha is 200 OK
    # announces user.suspended
    When A suspended driver drives nothing
    Then the answer to asha is 422 DRIVER_SUSPENDED

  @uc4-no-driver-fits @cases
  Scenario Outline: Who does not drive
    Given the state after "Not everybody may drive"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                       | caller | status | code             |
      | Somebody whom nobody knows | asha   | 404    | DRIVER_NOT_FOUND |
      | Ravi ships                 | asha   | 422    | NOT_A_DRIVER     |
