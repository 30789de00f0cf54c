# Made from mock-data/refusals.yaml by `enver bdd generate`: change that, not this.
@ALL
Feature: ALL What every operation refuses
  As a caller of any operation
  I want to be refused in the same way everywhere
  So that I handle a refusal once

  Privacy: A refusal tells nothing about what it hides.

  @refusals-wrong-method-auth @refusals @cases
  Scenario Outline: Every operation of auth refuses a call under a method that its path does not have
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                                                                     | caller    | status | code               |
      | acceptInvitation refuses a call under a method that its path does not have               | anonymous | 405    | METHOD_NOT_ALLOWED |
      | approveAuthorization refuses a call under a method that its path does not have           | anonymous | 405    | METHOD_NOT_ALLOWED |
      | authorize refuses a call under a method that its path does not have                      | anonymous | 405    | invalid_request    |
      | beginBrowserLogin refuses a call under a method that its path does not have              | anonymous | 405    | METHOD_NOT_ALLOWED |
      | changePassword refuses a call under a method that its path does not have                 | anonymous | 405    | METHOD_NOT_ALLOWED |
      | changeUserRoles refuses a call under a method that its path does not have                | anonymous | 405    | METHOD_NOT_ALLOWED |
      | completeBrowserLogin refuses a call under a method that its path does not have           | anonymous | 405    | METHOD_NOT_ALLOWED |
      | completeLogIn refuses a call under a method that its path does not have                  | anonymous | 405    | METHOD_NOT_ALLOWED |
      | confirmMultiFactor refuses a call under a method that its path does not have             | anonymous | 405    | METHOD_NOT_ALLOWED |
      | createApiKey refuses a call under a method that its path does not have                   | anonymous | 405    | METHOD_NOT_ALLOWED |
      | createInvitation refuses a call under a method that its path does not have               | anonymous | 405    | METHOD_NOT_ALLOWED |
      | createPlatformAdministrator refuses a call under a method that its path does not have    | anonymous | 405    | METHOD_NOT_ALLOWED |
      | createRole refuses a call under a method that its path does not have                     | anonymous | 405    | METHOD_NOT_ALLOWED |
      | createTenant refuses a call under a method that its path does not have                   | anonymous | 405    | METHOD_NOT_ALLOWED |
      | deleteClient refuses a call under a method that its path does not have                   | anonymous | 405    | METHOD_NOT_ALLOWED |
      | deleteRole refuses a call under a method that its path does not have                     | anonymous | 405    | METHOD_NOT_ALLOWED |
      | disableMultiFactor refuses a call under a method that its path does not have             | anonymous | 405    | METHOD_NOT_ALLOWED |
      | endBrowserSession refuses a call under a method that its path does not have              | anonymous | 405    | METHOD_NOT_ALLOWED |
      | endSession refuses a call under a method that its path does not have                     | anonymous | 405    | METHOD_NOT_ALLOWED |
      | enrolMultiFactor refuses a call under a method that its path does not have               | anonymous | 405    | METHOD_NOT_ALLOWED |
      | getAuthorizationServerMetadata refuses a call under a method that its path does not have | anonymous | 405    | METHOD_NOT_ALLOWED |
      | getBrowserSession refuses a call under a method that its path does not have              | anonymous | 405    | METHOD_NOT_ALLOWED |
      | getKeySet refuses a call under a method that its path does not have                      | anonymous | 405    | METHOD_NOT_ALLOWED |
      | getOpenidConfiguration refuses a call under a method that its path does not have         | anonymous | 405    | METHOD_NOT_ALLOWED |
      | getUser refuses a call under a method that its path does not have                        | anonymous | 405    | METHOD_NOT_ALLOWED |
      | getUserInfo refuses a call under a method that its path does not have                    | anonymous | 405    | METHOD_NOT_ALLOWED |
      | introspectToken refuses a call under a method that its path does not have                | anonymous | 405    | invalid_request    |
      | issueToken refuses a call under a method that its path does not have                     | anonymous | 405    | invalid_request    |
      | listApiKeys refuses a call under a method that its path does not have                    | anonymous | 405    | METHOD_NOT_ALLOWED |
      | listClients refuses a call under a method that its path does not have                    | anonymous | 405    | METHOD_NOT_ALLOWED |
      | listInvitations refuses a call under a method that its path does not have                | anonymous | 405    | METHOD_NOT_ALLOWED |
      | listRoles refuses a call under a method that its path does not have                      | anonymous | 405    | METHOD_NOT_ALLOWED |
      | listSessions refuses a call under a method that its path does not have                   | anonymous | 405    | METHOD_NOT_ALLOWED |
      | listUsers refuses a call under a method that its path does not have                      | anonymous | 405    | METHOD_NOT_ALLOWED |
      | logIn refuses a call under a method that its path does not have                          | anonymous | 405    | METHOD_NOT_ALLOWED |
      | logOut refuses a call under a method that its path does not have                         | anonymous | 405    | METHOD_NOT_ALLOWED |
      | logOutEverywhere refuses a call under a method that its path does not have               | anonymous | 405    | METHOD_NOT_ALLOWED |
      | reactivateUser refuses a call under a method that its path does not have                 | anonymous | 405    | METHOD_NOT_ALLOWED |
      | readTenantUser refuses a call under a method that its path does not have                 | anonymous | 405    | METHOD_NOT_ALLOWED |
      | refreshTokens refuses a call under a method that its path does not have                  | anonymous | 405    | METHOD_NOT_ALLOWED |
      | registerClient refuses a call under a method that its path does not have                 | anonymous | 405    | METHOD_NOT_ALLOWED |
      | registerUser refuses a call under a method that its path does not have                   | anonymous | 405    | METHOD_NOT_ALLOWED |
      | removeUserFactor refuses a call under a method that its path does not have               | anonymous | 405    | METHOD_NOT_ALLOWED |
      | replaceBackupCodes refuses a call under a method that its path does not have             | anonymous | 405    | METHOD_NOT_ALLOWED |
      | requestPasswordReset refuses a call under a method that its path does not have           | anonymous | 405    | METHOD_NOT_ALLOWED |
      | resetPassword refuses a call under a method that its path does not have                  | anonymous | 405    | METHOD_NOT_ALLOWED |
      | revokeApiKey refuses a call under a method that its path does not have                   | anonymous | 405    | METHOD_NOT_ALLOWED |
      | revokeInvitation refuses a call under a method that its path does not have               | anonymous | 405    | METHOD_NOT_ALLOWED |
      | revokeToken refuses a call under a method that its path does not have                    | anonymous | 405    | invalid_request    |
      | rotateClientSecret refuses a call under a method that its path does not have             | anonymous | 405    | METHOD_NOT_ALLOWED |
      | setIdentityProvider refuses a call under a method that its path does not have            | anonymous | 405    | METHOD_NOT_ALLOWED |
      | suspendUser refuses a call under a method that its path does not have                    | anonymous | 405    | METHOD_NOT_ALLOWED |
      | takeBackchannelLogout refuses a call under a method that its path does not have          | anonymous | 405    | invalid_request    |
      | updateRole refuses a call under a method that its path does not have                     | anonymous | 405    | METHOD_NOT_ALLOWED |

  @refusals-wrong-method-booking @refusals @cases
  Scenario Outline: Every operation of booking refuses a call under a method that its path does not have
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                                                             | caller    | status | code               |
      | assignVehicle refuses a call under a method that its path does not have          | anonymous | 405    | METHOD_NOT_ALLOWED |
      | cancelBooking refuses a call under a method that its path does not have          | anonymous | 405    | METHOD_NOT_ALLOWED |
      | completeTrip refuses a call under a method that its path does not have           | anonymous | 405    | METHOD_NOT_ALLOWED |
      | confirmBooking refuses a call under a method that its path does not have         | anonymous | 405    | METHOD_NOT_ALLOWED |
      | createBooking refuses a call under a method that its path does not have          | anonymous | 405    | METHOD_NOT_ALLOWED |
      | createContract refuses a call under a method that its path does not have         | anonymous | 405    | METHOD_NOT_ALLOWED |
      | endContract refuses a call under a method that its path does not have            | anonymous | 405    | METHOD_NOT_ALLOWED |
      | findNearestVehicles refuses a call under a method that its path does not have    | anonymous | 405    | METHOD_NOT_ALLOWED |
      | getBooking refuses a call under a method that its path does not have             | anonymous | 405    | METHOD_NOT_ALLOWED |
      | getBookingHistory refuses a call under a method that its path does not have      | anonymous | 405    | METHOD_NOT_ALLOWED |
      | getContract refuses a call under a method that its path does not have            | anonymous | 405    | METHOD_NOT_ALLOWED |
      | getCredit refuses a call under a method that its path does not have              | anonymous | 405    | METHOD_NOT_ALLOWED |
      | getShipperSummary refuses a call under a method that its path does not have      | anonymous | 405    | METHOD_NOT_ALLOWED |
      | getVehicle refuses a call under a method that its path does not have             | anonymous | 405    | METHOD_NOT_ALLOWED |
      | listBookings refuses a call under a method that its path does not have           | anonymous | 405    | METHOD_NOT_ALLOWED |
      | listContracts refuses a call under a method that its path does not have          | anonymous | 405    | METHOD_NOT_ALLOWED |
      | listVehicles refuses a call under a method that its path does not have           | anonymous | 405    | METHOD_NOT_ALLOWED |
      | quotePrice refuses a call under a method that its path does not have             | anonymous | 405    | METHOD_NOT_ALLOWED |
      | rateTrip refuses a call under a method that its path does not have               | anonymous | 405    | METHOD_NOT_ALLOWED |
      | registerVehicle refuses a call under a method that its path does not have        | anonymous | 405    | METHOD_NOT_ALLOWED |
      | rescheduleBooking refuses a call under a method that its path does not have      | anonymous | 405    | METHOD_NOT_ALLOWED |
      | setVehicleAvailability refuses a call under a method that its path does not have | anonymous | 405    | METHOD_NOT_ALLOWED |
      | startTrip refuses a call under a method that its path does not have              | anonymous | 405    | METHOD_NOT_ALLOWED |

  @refusals-wrong-method-config @refusals @cases
  Scenario Outline: Every operation of config refuses a call under a method that its path does not have
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                                                           | caller    | status | code               |
      | approveChange refuses a call under a method that its path does not have        | anonymous | 405    | METHOD_NOT_ALLOWED |
      | deleteDocument refuses a call under a method that its path does not have       | anonymous | 405    | METHOD_NOT_ALLOWED |
      | findOrigin refuses a call under a method that its path does not have           | anonymous | 405    | METHOD_NOT_ALLOWED |
      | getDocument refuses a call under a method that its path does not have          | anonymous | 405    | METHOD_NOT_ALLOWED |
      | getDocumentVersion refuses a call under a method that its path does not have   | anonymous | 405    | METHOD_NOT_ALLOWED |
      | listDocumentVersions refuses a call under a method that its path does not have | anonymous | 405    | METHOD_NOT_ALLOWED |
      | readTenantDocument refuses a call under a method that its path does not have   | anonymous | 405    | METHOD_NOT_ALLOWED |
      | rollbackDocument refuses a call under a method that its path does not have     | anonymous | 405    | METHOD_NOT_ALLOWED |
      | updateDocument refuses a call under a method that its path does not have       | anonymous | 405    | METHOD_NOT_ALLOWED |
      | validateDocument refuses a call under a method that its path does not have     | anonymous | 405    | METHOD_NOT_ALLOWED |

  @refusals-no-credentials-auth @refusals @cases
  Scenario Outline: Every operation of auth refuses a call of somebody who does not say who they are
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                                                                 | caller    | status | code         |
      | approveAuthorization refuses a call of somebody who does not say who they are        | anonymous | 401    | UNAUTHORIZED |
      | changePassword refuses a call of somebody who does not say who they are              | anonymous | 401    | UNAUTHORIZED |
      | changeUserRoles refuses a call of somebody who does not say who they are             | anonymous | 401    | UNAUTHORIZED |
      | confirmMultiFactor refuses a call of somebody who does not say who they are          | anonymous | 401    | UNAUTHORIZED |
      | createApiKey refuses a call of somebody who does not say who they are                | anonymous | 401    | UNAUTHORIZED |
      | createInvitation refuses a call of somebody who does not say who they are            | anonymous | 401    | UNAUTHORIZED |
      | createPlatformAdministrator refuses a call of somebody who does not say who they are | anonymous | 401    | UNAUTHORIZED |
      | createRole refuses a call of somebody who does not say who they are                  | anonymous | 401    | UNAUTHORIZED |
      | deleteClient refuses a call of somebody who does not say who they are                | anonymous | 401    | UNAUTHORIZED |
      | deleteRole refuses a call of somebody who does not say who they are                  | anonymous | 401    | UNAUTHORIZED |
      | disableMultiFactor refuses a call of somebody who does not say who they are          | anonymous | 401    | UNAUTHORIZED |
      | endSession refuses a call of somebody who does not say who they are                  | anonymous | 401    | UNAUTHORIZED |
      | enrolMultiFactor refuses a call of somebody who does not say who they are            | anonymous | 401    | UNAUTHORIZED |
      | getUser refuses a call of somebody who does not say who they are                     | anonymous | 401    | UNAUTHORIZED |
      | getUserInfo refuses a call of somebody who does not say who they are                 | anonymous | 401    | UNAUTHORIZED |
      | listApiKeys refuses a call of somebody who does not say who they are                 | anonymous | 401    | UNAUTHORIZED |
      | listClients refuses a call of somebody who does not say who they are                 | anonymous | 401    | UNAUTHORIZED |
      | listInvitations refuses a call of somebody who does not say who they are             | anonymous | 401    | UNAUTHORIZED |
      | listRoles refuses a call of somebody who does not say who they are                   | anonymous | 401    | UNAUTHORIZED |
      | listSessions refuses a call of somebody who does not say who they are                | anonymous | 401    | UNAUTHORIZED |
      | listUsers refuses a call of somebody who does not say who they are                   | anonymous | 401    | UNAUTHORIZED |
      | logOut refuses a call of somebody who does not say who they are                      | anonymous | 401    | UNAUTHORIZED |
      | logOutEverywhere refuses a call of somebody who does not say who they are            | anonymous | 401    | UNAUTHORIZED |
      | reactivateUser refuses a call of somebody who does not say who they are              | anonymous | 401    | UNAUTHORIZED |
      | readTenantUser refuses a call of somebody who does not say who they are              | anonymous | 401    | UNAUTHORIZED |
      | registerClient refuses a call of somebody who does not say who they are              | anonymous | 401    | UNAUTHORIZED |
      | registerUser refuses a call of somebody who does not say who they are                | anonymous | 401    | UNAUTHORIZED |
      | removeUserFactor refuses a call of somebody who does not say who they are            | anonymous | 401    | UNAUTHORIZED |
      | replaceBackupCodes refuses a call of somebody who does not say who they are          | anonymous | 401    | UNAUTHORIZED |
      | revokeApiKey refuses a call of somebody who does not say who they are                | anonymous | 401    | UNAUTHORIZED |
      | revokeInvitation refuses a call of somebody who does not say who they are            | anonymous | 401    | UNAUTHORIZED |
      | rotateClientSecret refuses a call of somebody who does not say who they are          | anonymous | 401    | UNAUTHORIZED |
      | setIdentityProvider refuses a call of somebody who does not say who they are         | anonymous | 401    | UNAUTHORIZED |
      | suspendUser refuses a call of somebody who does not say who they are                 | anonymous | 401    | UNAUTHORIZED |
      | updateRole refuses a call of somebody who does not say who they are                  | anonymous | 401    | UNAUTHORIZED |

  @refusals-no-credentials-booking @refusals @cases
  Scenario Outline: Every operation of booking refuses a call of somebody who does not say who they are
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                                                            | caller    | status | code         |
      | assignVehicle refuses a call of somebody who does not say who they are          | anonymous | 401    | UNAUTHORIZED |
      | cancelBooking refuses a call of somebody who does not say who they are          | anonymous | 401    | UNAUTHORIZED |
      | completeTrip refuses a call of somebody who does not say who they are           | anonymous | 401    | UNAUTHORIZED |
      | confirmBooking refuses a call of somebody who does not say who they are         | anonymous | 401    | UNAUTHORIZED |
      | createBooking refuses a call of somebody who does not say who they are          | anonymous | 401    | UNAUTHORIZED |
      | createContract refuses a call of somebody who does not say who they are         | anonymous | 401    | UNAUTHORIZED |
      | endContract refuses a call of somebody who does not say who they are            | anonymous | 401    | UNAUTHORIZED |
      | findNearestVehicles refuses a call of somebody who does not say who they are    | anonymous | 401    | UNAUTHORIZED |
      | getBooking refuses a call of somebody who does not say who they are             | anonymous | 401    | UNAUTHORIZED |
      | getBookingHistory refuses a call of somebody who does not say who they are      | anonymous | 401    | UNAUTHORIZED |
      | getContract refuses a call of somebody who does not say who they are            | anonymous | 401    | UNAUTHORIZED |
      | getCredit refuses a call of somebody who does not say who they are              | anonymous | 401    | UNAUTHORIZED |
      | getShipperSummary refuses a call of somebody who does not say who they are      | anonymous | 401    | UNAUTHORIZED |
      | getVehicle refuses a call of somebody who does not say who they are             | anonymous | 401    | UNAUTHORIZED |
      | listBookings refuses a call of somebody who does not say who they are           | anonymous | 401    | UNAUTHORIZED |
      | listContracts refuses a call of somebody who does not say who they are          | anonymous | 401    | UNAUTHORIZED |
      | listVehicles refuses a call of somebody who does not say who they are           | anonymous | 401    | UNAUTHORIZED |
      | quotePrice refuses a call of somebody who does not say who they are             | anonymous | 401    | UNAUTHORIZED |
      | rateTrip refuses a call of somebody who does not say who they are               | anonymous | 401    | UNAUTHORIZED |
      | registerVehicle refuses a call of somebody who does not say who they are        | anonymous | 401    | UNAUTHORIZED |
      | rescheduleBooking refuses a call of somebody who does not say who they are      | anonymous | 401    | UNAUTHORIZED |
      | setVehicleAvailability refuses a call of somebody who does not say who they are | anonymous | 401    | UNAUTHORIZED |
      | startTrip refuses a call of somebody who does not say who they are              | anonymous | 401    | UNAUTHORIZED |

  @refusals-no-credentials-config @refusals @cases
  Scenario Outline: Every operation of config refuses a call of somebody who does not say who they are
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                                                          | caller    | status | code         |
      | approveChange refuses a call of somebody who does not say who they are        | anonymous | 401    | UNAUTHORIZED |
      | deleteDocument refuses a call of somebody who does not say who they are       | anonymous | 401    | UNAUTHORIZED |
      | findOrigin refuses a call of somebody who does not say who they are           | anonymous | 401    | UNAUTHORIZED |
      | getDocument refuses a call of somebody who does not say who they are          | anonymous | 401    | UNAUTHORIZED |
      | getDocumentVersion refuses a call of somebody who does not say who they are   | anonymous | 401    | UNAUTHORIZED |
      | listDocumentVersions refuses a call of somebody who does not say who they are | anonymous | 401    | UNAUTHORIZED |
      | readTenantDocument refuses a call of somebody who does not say who they are   | anonymous | 401    | UNAUTHORIZED |
      | rollbackDocument refuses a call of somebody who does not say who they are     | anonymous | 401    | UNAUTHORIZED |
      | updateDocument refuses a call of somebody who does not say who they are       | anonymous | 401    | UNAUTHORIZED |
      | validateDocument refuses a call of somebody who does not say who they are     | anonymous | 401    | UNAUTHORIZED |

  @refusals-broken-credentials-auth @refusals @cases
  Scenario Outline: Every operation of auth refuses a call with a token that nobody issued
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                                                | caller                        | status | code         |
      | approveAuthorization refuses a call with a token that nobody issued | anonymous with a broken token | 401    | UNAUTHORIZED |
      | changePassword refuses a call with a token that nobody issued       | anonymous with a broken token | 401    | UNAUTHORIZED |
      | changeUserRoles refuses a call with a token that nobody issued      | anonymous with a broken token | 401    | UNAUTHORIZED |
      | confirmMultiFactor refuses a call with a token that nobody issued   | anonymous with a broken token | 401    | UNAUTHORIZED |
      | createApiKey refuses a call with a token that nobody issued         | anonymous with a broken token | 401    | UNAUTHORIZED |
      | createInvitation refuses a call with a token that nobody issued     | anonymous with a broken token | 401    | UNAUTHORIZED |
      | createRole refuses a call with a token that nobody issued           | anonymous with a broken token | 401    | UNAUTHORIZED |
      | deleteClient refuses a call with a token that nobody issued         | anonymous with a broken token | 401    | UNAUTHORIZED |
      | deleteRole refuses a call with a token that nobody issued           | anonymous with a broken token | 401    | UNAUTHORIZED |
      | disableMultiFactor refuses a call with a token that nobody issued   | anonymous with a broken token | 401    | UNAUTHORIZED |
      | endSession refuses a call with a token that nobody issued           | anonymous with a broken token | 401    | UNAUTHORIZED |
      | enrolMultiFactor refuses a call with a token that nobody issued     | anonymous with a broken token | 401    | UNAUTHORIZED |
      | getUser refuses a call with a token that nobody issued              | anonymous with a broken token | 401    | UNAUTHORIZED |
      | getUserInfo refuses a call with a token that nobody issued          | anonymous with a broken token | 401    | UNAUTHORIZED |
      | listApiKeys refuses a call with a token that nobody issued          | anonymous with a broken token | 401    | UNAUTHORIZED |
      | listClients refuses a call with a token that nobody issued          | anonymous with a broken token | 401    | UNAUTHORIZED |
      | listInvitations refuses a call with a token that nobody issued      | anonymous with a broken token | 401    | UNAUTHORIZED |
      | listRoles refuses a call with a token that nobody issued            | anonymous with a broken token | 401    | UNAUTHORIZED |
      | listSessions refuses a call with a token that nobody issued         | anonymous with a broken token | 401    | UNAUTHORIZED |
      | listUsers refuses a call with a token that nobody issued            | anonymous with a broken token | 401    | UNAUTHORIZED |
      | logOut refuses a call with a token that nobody issued               | anonymous with a broken token | 401    | UNAUTHORIZED |
      | logOutEverywhere refuses a call with a token that nobody issued     | anonymous with a broken token | 401    | UNAUTHORIZED |
      | reactivateUser refuses a call with a token that nobody issued       | anonymous with a broken token | 401    | UNAUTHORIZED |
      | registerClient refuses a call with a token that nobody issued       | anonymous with a broken token | 401    | UNAUTHORIZED |
      | registerUser refuses a call with a token that nobody issued         | anonymous with a broken token | 401    | UNAUTHORIZED |
      | removeUserFactor refuses a call with a token that nobody issued     | anonymous with a broken token | 401    | UNAUTHORIZED |
      | replaceBackupCodes refuses a call with a token that nobody issued   | anonymous with a broken token | 401    | UNAUTHORIZED |
      | revokeApiKey refuses a call with a token that nobody issued         | anonymous with a broken token | 401    | UNAUTHORIZED |
      | revokeInvitation refuses a call with a token that nobody issued     | anonymous with a broken token | 401    | UNAUTHORIZED |
      | rotateClientSecret refuses a call with a token that nobody issued   | anonymous with a broken token | 401    | UNAUTHORIZED |
      | setIdentityProvider refuses a call with a token that nobody issued  | anonymous with a broken token | 401    | UNAUTHORIZED |
      | suspendUser refuses a call with a token that nobody issued          | anonymous with a broken token | 401    | UNAUTHORIZED |
      | updateRole refuses a call with a token that nobody issued           | anonymous with a broken token | 401    | UNAUTHORIZED |

  @refusals-broken-credentials-booking @refusals @cases
  Scenario Outline: Every operation of booking refuses a call with a token that nobody issued
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                                                  | caller                        | status | code         |
      | assignVehicle refuses a call with a token that nobody issued          | anonymous with a broken token | 401    | UNAUTHORIZED |
      | cancelBooking refuses a call with a token that nobody issued          | anonymous with a broken token | 401    | UNAUTHORIZED |
      | completeTrip refuses a call with a token that nobody issued           | anonymous with a broken token | 401    | UNAUTHORIZED |
      | confirmBooking refuses a call with a token that nobody issued         | anonymous with a broken token | 401    | UNAUTHORIZED |
      | createBooking refuses a call with a token that nobody issued          | anonymous with a broken token | 401    | UNAUTHORIZED |
      | createContract refuses a call with a token that nobody issued         | anonymous with a broken token | 401    | UNAUTHORIZED |
      | endContract refuses a call with a token that nobody issued            | anonymous with a broken token | 401    | UNAUTHORIZED |
      | findNearestVehicles refuses a call with a token that nobody issued    | anonymous with a broken token | 401    | UNAUTHORIZED |
      | getBooking refuses a call with a token that nobody issued             | anonymous with a broken token | 401    | UNAUTHORIZED |
      | getBookingHistory refuses a call with a token that nobody issued      | anonymous with a broken token | 401    | UNAUTHORIZED |
      | getContract refuses a call with a token that nobody issued            | anonymous with a broken token | 401    | UNAUTHORIZED |
      | getCredit refuses a call with a token that nobody issued              | anonymous with a broken token | 401    | UNAUTHORIZED |
      | getShipperSummary refuses a call with a token that nobody issued      | anonymous with a broken token | 401    | UNAUTHORIZED |
      | getVehicle refuses a call with a token that nobody issued             | anonymous with a broken token | 401    | UNAUTHORIZED |
      | listBookings refuses a call with a token that nobody issued           | anonymous with a broken token | 401    | UNAUTHORIZED |
      | listContracts refuses a call with a token that nobody issued          | anonymous with a broken token | 401    | UNAUTHORIZED |
      | listVehicles refuses a call with a token that nobody issued           | anonymous with a broken token | 401    | UNAUTHORIZED |
      | quotePrice refuses a call with a token that nobody issued             | anonymous with a broken token | 401    | UNAUTHORIZED |
      | rateTrip refuses a call with a token that nobody issued               | anonymous with a broken token | 401    | UNAUTHORIZED |
      | registerVehicle refuses a call with a token that nobody issued        | anonymous with a broken token | 401    | UNAUTHORIZED |
      | rescheduleBooking refuses a call with a token that nobody issued      | anonymous with a broken token | 401    | UNAUTHORIZED |
      | setVehicleAvailability refuses a call with a token that nobody issued | anonymous with a broken token | 401    | UNAUTHORIZED |
      | startTrip refuses a call with a token that nobody issued              | anonymous with a broken token | 401    | UNAUTHORIZED |

  @refusals-broken-credentials-config @refusals @cases
  Scenario Outline: Every operation of config refuses a call with a token that nobody issued
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                                                | caller                        | status | code         |
      | approveChange refuses a call with a token that nobody issued        | anonymous with a broken token | 401    | UNAUTHORIZED |
      | deleteDocument refuses a call with a token that nobody issued       | anonymous with a broken token | 401    | UNAUTHORIZED |
      | getDocument refuses a call with a token that nobody issued          | anonymous with a broken token | 401    | UNAUTHORIZED |
      | getDocumentVersion refuses a call with a token that nobody issued   | anonymous with a broken token | 401    | UNAUTHORIZED |
      | listDocumentVersions refuses a call with a token that nobody issued | anonymous with a broken token | 401    | UNAUTHORIZED |
      | rollbackDocument refuses a call with a token that nobody issued     | anonymous with a broken token | 401    | UNAUTHORIZED |
      | updateDocument refuses a call with a token that nobody issued       | anonymous with a broken token | 401    | UNAUTHORIZED |
      | validateDocument refuses a call with a token that nobody issued     | anonymous with a broken token | 401    | UNAUTHORIZED |

  @refusals-stranger-auth @refusals @cases
  Scenario Outline: Every operation of auth refuses a call of somebody who is not allowed to
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    And Acme's fleet owner and driver join
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                                                 | caller | status | code      |
      | changeUserRoles refuses a call of somebody who is not allowed to     | ravi   | 403    | FORBIDDEN |
      | createInvitation refuses a call of somebody who is not allowed to    | ravi   | 403    | FORBIDDEN |
      | createRole refuses a call of somebody who is not allowed to          | ravi   | 403    | FORBIDDEN |
      | deleteClient refuses a call of somebody who is not allowed to        | ravi   | 403    | FORBIDDEN |
      | deleteRole refuses a call of somebody who is not allowed to          | ravi   | 403    | FORBIDDEN |
      | listClients refuses a call of somebody who is not allowed to         | ravi   | 403    | FORBIDDEN |
      | listInvitations refuses a call of somebody who is not allowed to     | ravi   | 403    | FORBIDDEN |
      | listRoles refuses a call of somebody who is not allowed to           | ravi   | 403    | FORBIDDEN |
      | listUsers refuses a call of somebody who is not allowed to           | ravi   | 403    | FORBIDDEN |
      | reactivateUser refuses a call of somebody who is not allowed to      | ravi   | 403    | FORBIDDEN |
      | registerClient refuses a call of somebody who is not allowed to      | ravi   | 403    | FORBIDDEN |
      | registerUser refuses a call of somebody who is not allowed to        | ravi   | 403    | FORBIDDEN |
      | removeUserFactor refuses a call of somebody who is not allowed to    | ravi   | 403    | FORBIDDEN |
      | revokeInvitation refuses a call of somebody who is not allowed to    | ravi   | 403    | FORBIDDEN |
      | rotateClientSecret refuses a call of somebody who is not allowed to  | ravi   | 403    | FORBIDDEN |
      | setIdentityProvider refuses a call of somebody who is not allowed to | ravi   | 403    | FORBIDDEN |
      | suspendUser refuses a call of somebody who is not allowed to         | ravi   | 403    | FORBIDDEN |
      | updateRole refuses a call of somebody who is not allowed to          | ravi   | 403    | FORBIDDEN |

  @refusals-stranger-booking @refusals @cases
  Scenario Outline: Every operation of booking refuses a call of somebody who is not allowed to
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    And Acme's fleet owner and driver join
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                                                    | caller   | status | code      |
      | assignVehicle refuses a call of somebody who is not allowed to          | ravi     | 403    | FORBIDDEN |
      | cancelBooking refuses a call of somebody who is not allowed to          | fatima   | 403    | FORBIDDEN |
      | completeTrip refuses a call of somebody who is not allowed to           | ravi     | 403    | FORBIDDEN |
      | confirmBooking refuses a call of somebody who is not allowed to         | ravi     | 403    | FORBIDDEN |
      | createBooking refuses a call of somebody who is not allowed to          | fatima   | 403    | FORBIDDEN |
      | createContract refuses a call of somebody who is not allowed to         | ravi     | 403    | FORBIDDEN |
      | endContract refuses a call of somebody who is not allowed to            | ravi     | 403    | FORBIDDEN |
      | findNearestVehicles refuses a call of somebody who is not allowed to    | ravi     | 403    | FORBIDDEN |
      | getBooking refuses a call of somebody who is not allowed to             | platform | 403    | FORBIDDEN |
      | getBookingHistory refuses a call of somebody who is not allowed to      | platform | 403    | FORBIDDEN |
      | getContract refuses a call of somebody who is not allowed to            | fatima   | 403    | FORBIDDEN |
      | getCredit refuses a call of somebody who is not allowed to              | fatima   | 403    | FORBIDDEN |
      | getShipperSummary refuses a call of somebody who is not allowed to      | fatima   | 403    | FORBIDDEN |
      | getVehicle refuses a call of somebody who is not allowed to             | ravi     | 403    | FORBIDDEN |
      | listBookings refuses a call of somebody who is not allowed to           | platform | 403    | FORBIDDEN |
      | listContracts refuses a call of somebody who is not allowed to          | fatima   | 403    | FORBIDDEN |
      | listVehicles refuses a call of somebody who is not allowed to           | ravi     | 403    | FORBIDDEN |
      | quotePrice refuses a call of somebody who is not allowed to             | fatima   | 403    | FORBIDDEN |
      | rateTrip refuses a call of somebody who is not allowed to               | fatima   | 403    | FORBIDDEN |
      | registerVehicle refuses a call of somebody who is not allowed to        | ravi     | 403    | FORBIDDEN |
      | rescheduleBooking refuses a call of somebody who is not allowed to      | fatima   | 403    | FORBIDDEN |
      | setVehicleAvailability refuses a call of somebody who is not allowed to | ravi     | 403    | FORBIDDEN |
      | startTrip refuses a call of somebody who is not allowed to              | ravi     | 403    | FORBIDDEN |

  @refusals-stranger-config @refusals @cases
  Scenario Outline: Every operation of config refuses a call of somebody who is not allowed to
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    And Acme's fleet owner and driver join
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                                                  | caller | status | code      |
      | approveChange refuses a call of somebody who is not allowed to        | ravi   | 403    | FORBIDDEN |
      | deleteDocument refuses a call of somebody who is not allowed to       | ravi   | 403    | FORBIDDEN |
      | getDocument refuses a call of somebody who is not allowed to          | ravi   | 403    | FORBIDDEN |
      | getDocumentVersion refuses a call of somebody who is not allowed to   | ravi   | 403    | FORBIDDEN |
      | listDocumentVersions refuses a call of somebody who is not allowed to | ravi   | 403    | FORBIDDEN |
      | rollbackDocument refuses a call of somebody who is not allowed to     | ravi   | 403    | FORBIDDEN |
      | updateDocument refuses a call of somebody who is not allowed to       | ravi   | 403    | FORBIDDEN |
      | validateDocument refuses a call of somebody who is not allowed to     | ravi   | 403    | FORBIDDEN |

  @refusals-too-large-auth @refusals @cases
  Scenario Outline: Every operation of auth refuses a call with a body over its limit
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                                                  | caller    | status | code              |
      | acceptInvitation refuses a call with a body over its limit            | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | approveAuthorization refuses a call with a body over its limit        | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | changePassword refuses a call with a body over its limit              | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | changeUserRoles refuses a call with a body over its limit             | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | completeLogIn refuses a call with a body over its limit               | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | confirmMultiFactor refuses a call with a body over its limit          | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | createApiKey refuses a call with a body over its limit                | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | createInvitation refuses a call with a body over its limit            | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | createPlatformAdministrator refuses a call with a body over its limit | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | createRole refuses a call with a body over its limit                  | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | createTenant refuses a call with a body over its limit                | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | deleteClient refuses a call with a body over its limit                | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | deleteRole refuses a call with a body over its limit                  | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | disableMultiFactor refuses a call with a body over its limit          | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | endBrowserSession refuses a call with a body over its limit           | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | endSession refuses a call with a body over its limit                  | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | enrolMultiFactor refuses a call with a body over its limit            | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | introspectToken refuses a call with a body over its limit             | anonymous | 413    | invalid_request   |
      | issueToken refuses a call with a body over its limit                  | anonymous | 413    | invalid_request   |
      | logIn refuses a call with a body over its limit                       | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | logOut refuses a call with a body over its limit                      | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | logOutEverywhere refuses a call with a body over its limit            | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | reactivateUser refuses a call with a body over its limit              | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | refreshTokens refuses a call with a body over its limit               | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | registerClient refuses a call with a body over its limit              | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | registerUser refuses a call with a body over its limit                | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | removeUserFactor refuses a call with a body over its limit            | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | replaceBackupCodes refuses a call with a body over its limit          | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | requestPasswordReset refuses a call with a body over its limit        | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | resetPassword refuses a call with a body over its limit               | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | revokeApiKey refuses a call with a body over its limit                | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | revokeInvitation refuses a call with a body over its limit            | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | revokeToken refuses a call with a body over its limit                 | anonymous | 413    | invalid_request   |
      | rotateClientSecret refuses a call with a body over its limit          | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | setIdentityProvider refuses a call with a body over its limit         | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | suspendUser refuses a call with a body over its limit                 | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | takeBackchannelLogout refuses a call with a body over its limit       | anonymous | 413    | invalid_request   |
      | updateRole refuses a call with a body over its limit                  | anonymous | 413    | PAYLOAD_TOO_LARGE |

  @refusals-too-large-booking @refusals @cases
  Scenario Outline: Every operation of booking refuses a call with a body over its limit
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                                             | caller    | status | code              |
      | assignVehicle refuses a call with a body over its limit          | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | cancelBooking refuses a call with a body over its limit          | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | completeTrip refuses a call with a body over its limit           | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | confirmBooking refuses a call with a body over its limit         | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | createBooking refuses a call with a body over its limit          | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | createContract refuses a call with a body over its limit         | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | endContract refuses a call with a body over its limit            | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | quotePrice refuses a call with a body over its limit             | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | rateTrip refuses a call with a body over its limit               | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | registerVehicle refuses a call with a body over its limit        | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | rescheduleBooking refuses a call with a body over its limit      | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | setVehicleAvailability refuses a call with a body over its limit | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | startTrip refuses a call with a body over its limit              | anonymous | 413    | PAYLOAD_TOO_LARGE |

  @refusals-too-large-config @refusals @cases
  Scenario Outline: Every operation of config refuses a call with a body over its limit
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                                       | caller    | status | code              |
      | approveChange refuses a call with a body over its limit    | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | deleteDocument refuses a call with a body over its limit   | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | rollbackDocument refuses a call with a body over its limit | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | updateDocument refuses a call with a body over its limit   | anonymous | 413    | PAYLOAD_TOO_LARGE |
      | validateDocument refuses a call with a body over its limit | anonymous | 413    | PAYLOAD_TOO_LARGE |

  @refusals-wrong-media-type-auth @refusals @cases
  Scenario Outline: Every operation of auth refuses a call with a body of a media type it does not read
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                                                                    | caller    | status | code                   |
      | acceptInvitation refuses a call with a body of a media type it does not read            | anonymous | 415    | UNSUPPORTED_MEDIA_TYPE |
      | approveAuthorization refuses a call with a body of a media type it does not read        | asha      | 415    | UNSUPPORTED_MEDIA_TYPE |
      | changePassword refuses a call with a body of a media type it does not read              | asha      | 415    | UNSUPPORTED_MEDIA_TYPE |
      | changeUserRoles refuses a call with a body of a media type it does not read             | asha      | 415    | UNSUPPORTED_MEDIA_TYPE |
      | completeLogIn refuses a call with a body of a media type it does not read               | anonymous | 415    | UNSUPPORTED_MEDIA_TYPE |
      | confirmMultiFactor refuses a call with a body of a media type it does not read          | asha      | 415    | UNSUPPORTED_MEDIA_TYPE |
      | createApiKey refuses a call with a body of a media type it does not read                | asha      | 415    | UNSUPPORTED_MEDIA_TYPE |
      | createInvitation refuses a call with a body of a media type it does not read            | asha      | 415    | UNSUPPORTED_MEDIA_TYPE |
      | createPlatformAdministrator refuses a call with a body of a media type it does not read | booking   | 415    | UNSUPPORTED_MEDIA_TYPE |
      | createRole refuses a call with a body of a media type it does not read                  | asha      | 415    | UNSUPPORTED_MEDIA_TYPE |
      | createTenant refuses a call with a body of a media type it does not read                | anonymous | 415    | UNSUPPORTED_MEDIA_TYPE |
      | disableMultiFactor refuses a call with a body of a media type it does not read          | asha      | 415    | UNSUPPORTED_MEDIA_TYPE |
      | introspectToken refuses a call with a body of a media type it does not read             | anonymous | 415    | invalid_request        |
      | issueToken refuses a call with a body of a media type it does not read                  | anonymous | 415    | invalid_request        |
      | logIn refuses a call with a body of a media type it does not read                       | anonymous | 415    | UNSUPPORTED_MEDIA_TYPE |
      | refreshTokens refuses a call with a body of a media type it does not read               | anonymous | 415    | UNSUPPORTED_MEDIA_TYPE |
      | registerClient refuses a call with a body of a media type it does not read              | asha      | 415    | UNSUPPORTED_MEDIA_TYPE |
      | registerUser refuses a call with a body of a media type it does not read                | asha      | 415    | UNSUPPORTED_MEDIA_TYPE |
      | replaceBackupCodes refuses a call with a body of a media type it does not read          | asha      | 415    | UNSUPPORTED_MEDIA_TYPE |
      | requestPasswordReset refuses a call with a body of a media type it does not read        | anonymous | 415    | UNSUPPORTED_MEDIA_TYPE |
      | resetPassword refuses a call with a body of a media type it does not read               | anonymous | 415    | UNSUPPORTED_MEDIA_TYPE |
      | revokeToken refuses a call with a body of a media type it does not read                 | anonymous | 415    | invalid_request        |
      | setIdentityProvider refuses a call with a body of a media type it does not read         | asha      | 415    | UNSUPPORTED_MEDIA_TYPE |
      | takeBackchannelLogout refuses a call with a body of a media type it does not read       | anonymous | 415    | invalid_request        |
      | updateRole refuses a call with a body of a media type it does not read                  | asha      | 415    | UNSUPPORTED_MEDIA_TYPE |

  @refusals-wrong-media-type-booking @refusals @cases
  Scenario Outline: Every operation of booking refuses a call with a body of a media type it does not read
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                                                               | caller | status | code                   |
      | assignVehicle refuses a call with a body of a media type it does not read          | asha   | 415    | UNSUPPORTED_MEDIA_TYPE |
      | cancelBooking refuses a call with a body of a media type it does not read          | asha   | 415    | UNSUPPORTED_MEDIA_TYPE |
      | completeTrip refuses a call with a body of a media type it does not read           | asha   | 415    | UNSUPPORTED_MEDIA_TYPE |
      | confirmBooking refuses a call with a body of a media type it does not read         | asha   | 415    | UNSUPPORTED_MEDIA_TYPE |
      | createBooking refuses a call with a body of a media type it does not read          | asha   | 415    | UNSUPPORTED_MEDIA_TYPE |
      | createContract refuses a call with a body of a media type it does not read         | asha   | 415    | UNSUPPORTED_MEDIA_TYPE |
      | endContract refuses a call with a body of a media type it does not read            | asha   | 415    | UNSUPPORTED_MEDIA_TYPE |
      | quotePrice refuses a call with a body of a media type it does not read             | asha   | 415    | UNSUPPORTED_MEDIA_TYPE |
      | rateTrip refuses a call with a body of a media type it does not read               | asha   | 415    | UNSUPPORTED_MEDIA_TYPE |
      | registerVehicle refuses a call with a body of a media type it does not read        | asha   | 415    | UNSUPPORTED_MEDIA_TYPE |
      | rescheduleBooking refuses a call with a body of a media type it does not read      | asha   | 415    | UNSUPPORTED_MEDIA_TYPE |
      | setVehicleAvailability refuses a call with a body of a media type it does not read | asha   | 415    | UNSUPPORTED_MEDIA_TYPE |
      | startTrip refuses a call with a body of a media type it does not read              | asha   | 415    | UNSUPPORTED_MEDIA_TYPE |

  @refusals-wrong-media-type-config @refusals @cases
  Scenario Outline: Every operation of config refuses a call with a body of a media type it does not read
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                                                         | caller | status | code                   |
      | approveChange refuses a call with a body of a media type it does not read    | asha   | 415    | UNSUPPORTED_MEDIA_TYPE |
      | rollbackDocument refuses a call with a body of a media type it does not read | asha   | 415    | UNSUPPORTED_MEDIA_TYPE |
      | updateDocument refuses a call with a body of a media type it does not read   | asha   | 415    | UNSUPPORTED_MEDIA_TYPE |
      | validateDocument refuses a call with a body of a media type it does not read | asha   | 415    | UNSUPPORTED_MEDIA_TYPE |

  @refusals-broken-json-auth @refusals @cases
  Scenario Outline: Every operation of auth refuses a call with a body that is not JSON
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                                                    | caller    | status | code         |
      | acceptInvitation refuses a call with a body that is not JSON            | anonymous | 400    | INVALID_JSON |
      | approveAuthorization refuses a call with a body that is not JSON        | asha      | 400    | INVALID_JSON |
      | changePassword refuses a call with a body that is not JSON              | asha      | 400    | INVALID_JSON |
      | changeUserRoles refuses a call with a body that is not JSON             | asha      | 400    | INVALID_JSON |
      | completeLogIn refuses a call with a body that is not JSON               | anonymous | 400    | INVALID_JSON |
      | confirmMultiFactor refuses a call with a body that is not JSON          | asha      | 400    | INVALID_JSON |
      | createApiKey refuses a call with a body that is not JSON                | asha      | 400    | INVALID_JSON |
      | createInvitation refuses a call with a body that is not JSON            | asha      | 400    | INVALID_JSON |
      | createPlatformAdministrator refuses a call with a body that is not JSON | booking   | 400    | INVALID_JSON |
      | createRole refuses a call with a body that is not JSON                  | asha      | 400    | INVALID_JSON |
      | createTenant refuses a call with a body that is not JSON                | anonymous | 400    | INVALID_JSON |
      | disableMultiFactor refuses a call with a body that is not JSON          | asha      | 400    | INVALID_JSON |
      | logIn refuses a call with a body that is not JSON                       | anonymous | 400    | INVALID_JSON |
      | refreshTokens refuses a call with a body that is not JSON               | anonymous | 400    | INVALID_JSON |
      | registerClient refuses a call with a body that is not JSON              | asha      | 400    | INVALID_JSON |
      | registerUser refuses a call with a body that is not JSON                | asha      | 400    | INVALID_JSON |
      | replaceBackupCodes refuses a call with a body that is not JSON          | asha      | 400    | INVALID_JSON |
      | requestPasswordReset refuses a call with a body that is not JSON        | anonymous | 400    | INVALID_JSON |
      | resetPassword refuses a call with a body that is not JSON               | anonymous | 400    | INVALID_JSON |
      | setIdentityProvider refuses a call with a body that is not JSON         | asha      | 400    | INVALID_JSON |
      | updateRole refuses a call with a body that is not JSON                  | asha      | 400    | INVALID_JSON |

  @refusals-broken-json-booking @refusals @cases
  Scenario Outline: Every operation of booking refuses a call with a body that is not JSON
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                                               | caller | status | code         |
      | assignVehicle refuses a call with a body that is not JSON          | asha   | 400    | INVALID_JSON |
      | cancelBooking refuses a call with a body that is not JSON          | asha   | 400    | INVALID_JSON |
      | completeTrip refuses a call with a body that is not JSON           | asha   | 400    | INVALID_JSON |
      | confirmBooking refuses a call with a body that is not JSON         | asha   | 400    | INVALID_JSON |
      | createBooking refuses a call with a body that is not JSON          | asha   | 400    | INVALID_JSON |
      | createContract refuses a call with a body that is not JSON         | asha   | 400    | INVALID_JSON |
      | endContract refuses a call with a body that is not JSON            | asha   | 400    | INVALID_JSON |
      | quotePrice refuses a call with a body that is not JSON             | asha   | 400    | INVALID_JSON |
      | rateTrip refuses a call with a body that is not JSON               | asha   | 400    | INVALID_JSON |
      | registerVehicle refuses a call with a body that is not JSON        | asha   | 400    | INVALID_JSON |
      | rescheduleBooking refuses a call with a body that is not JSON      | asha   | 400    | INVALID_JSON |
      | setVehicleAvailability refuses a call with a body that is not JSON | asha   | 400    | INVALID_JSON |
      | startTrip refuses a call with a body that is not JSON              | asha   | 400    | INVALID_JSON |

  @refusals-broken-json-config @refusals @cases
  Scenario Outline: Every operation of config refuses a call with a body that is not JSON
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                                         | caller | status | code         |
      | approveChange refuses a call with a body that is not JSON    | asha   | 400    | INVALID_JSON |
      | rollbackDocument refuses a call with a body that is not JSON | asha   | 400    | INVALID_JSON |
      | updateDocument refuses a call with a body that is not JSON   | asha   | 400    | INVALID_JSON |
      | validateDocument refuses a call with a body that is not JSON | asha   | 400    | INVALID_JSON |

  @refusals-unknown-field-auth @refusals @cases
  Scenario Outline: Every operation of auth refuses a call with a field and a parameter that it does not know
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                                                                          | caller    | status | code             |
      | acceptInvitation refuses a call with a field and a parameter that it does not know            | anonymous | 400    | VALIDATION_ERROR |
      | approveAuthorization refuses a call with a field and a parameter that it does not know        | asha      | 400    | VALIDATION_ERROR |
      | changePassword refuses a call with a field and a parameter that it does not know              | asha      | 400    | VALIDATION_ERROR |
      | changeUserRoles refuses a call with a field and a parameter that it does not know             | asha      | 400    | VALIDATION_ERROR |
      | completeLogIn refuses a call with a field and a parameter that it does not know               | anonymous | 400    | VALIDATION_ERROR |
      | confirmMultiFactor refuses a call with a field and a parameter that it does not know          | asha      | 400    | VALIDATION_ERROR |
      | createApiKey refuses a call with a field and a parameter that it does not know                | asha      | 400    | VALIDATION_ERROR |
      | createInvitation refuses a call with a field and a parameter that it does not know            | asha      | 400    | VALIDATION_ERROR |
      | createPlatformAdministrator refuses a call with a field and a parameter that it does not know | booking   | 400    | VALIDATION_ERROR |
      | createRole refuses a call with a field and a parameter that it does not know                  | asha      | 400    | VALIDATION_ERROR |
      | createTenant refuses a call with a field and a parameter that it does not know                | anonymous | 400    | VALIDATION_ERROR |
      | disableMultiFactor refuses a call with a field and a parameter that it does not know          | asha      | 400    | VALIDATION_ERROR |
      | introspectToken refuses a call with a field and a parameter that it does not know             | anonymous | 400    | invalid_request  |
      | issueToken refuses a call with a field and a parameter that it does not know                  | anonymous | 400    | invalid_request  |
      | logIn refuses a call with a field and a parameter that it does not know                       | anonymous | 400    | VALIDATION_ERROR |
      | refreshTokens refuses a call with a field and a parameter that it does not know               | anonymous | 400    | VALIDATION_ERROR |
      | registerClient refuses a call with a field and a parameter that it does not know              | asha      | 400    | VALIDATION_ERROR |
      | registerUser refuses a call with a field and a parameter that it does not know                | asha      | 400    | VALIDATION_ERROR |
      | replaceBackupCodes refuses a call with a field and a parameter that it does not know          | asha      | 400    | VALIDATION_ERROR |
      | requestPasswordReset refuses a call with a field and a parameter that it does not know        | anonymous | 400    | VALIDATION_ERROR |
      | resetPassword refuses a call with a field and a parameter that it does not know               | anonymous | 400    | VALIDATION_ERROR |
      | revokeToken refuses a call with a field and a parameter that it does not know                 | anonymous | 400    | invalid_request  |
      | setIdentityProvider refuses a call with a field and a parameter that it does not know         | asha      | 400    | VALIDATION_ERROR |
      | takeBackchannelLogout refuses a call with a field and a parameter that it does not know       | anonymous | 400    | invalid_request  |
      | updateRole refuses a call with a field and a parameter that it does not know                  | asha      | 400    | VALIDATION_ERROR |

  @refusals-unknown-field-booking @refusals @cases
  Scenario Outline: Every operation of booking refuses a call with a field and a parameter that it does not know
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                                                                     | caller | status | code             |
      | assignVehicle refuses a call with a field and a parameter that it does not know          | asha   | 400    | VALIDATION_ERROR |
      | cancelBooking refuses a call with a field and a parameter that it does not know          | asha   | 400    | VALIDATION_ERROR |
      | completeTrip refuses a call with a field and a parameter that it does not know           | asha   | 400    | VALIDATION_ERROR |
      | confirmBooking refuses a call with a field and a parameter that it does not know         | asha   | 400    | VALIDATION_ERROR |
      | createBooking refuses a call with a field and a parameter that it does not know          | asha   | 400    | VALIDATION_ERROR |
      | createContract refuses a call with a field and a parameter that it does not know         | asha   | 400    | VALIDATION_ERROR |
      | endContract refuses a call with a field and a parameter that it does not know            | asha   | 400    | VALIDATION_ERROR |
      | quotePrice refuses a call with a field and a parameter that it does not know             | asha   | 400    | VALIDATION_ERROR |
      | rateTrip refuses a call with a field and a parameter that it does not know               | asha   | 400    | VALIDATION_ERROR |
      | registerVehicle refuses a call with a field and a parameter that it does not know        | asha   | 400    | VALIDATION_ERROR |
      | rescheduleBooking refuses a call with a field and a parameter that it does not know      | asha   | 400    | VALIDATION_ERROR |
      | setVehicleAvailability refuses a call with a field and a parameter that it does not know | asha   | 400    | VALIDATION_ERROR |
      | startTrip refuses a call with a field and a parameter that it does not know              | asha   | 400    | VALIDATION_ERROR |

  @refusals-unknown-field-config @refusals @cases
  Scenario Outline: Every operation of config refuses a call with a field and a parameter that it does not know
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                                                               | caller | status | code             |
      | approveChange refuses a call with a field and a parameter that it does not know    | asha   | 400    | VALIDATION_ERROR |
      | rollbackDocument refuses a call with a field and a parameter that it does not know | asha   | 400    | VALIDATION_ERROR |
      | updateDocument refuses a call with a field and a parameter that it does not know   | asha   | 400    | VALIDATION_ERROR |
      | validateDocument refuses a call with a field and a parameter that it does not know | asha   | 400    | VALIDATION_ERROR |

  @refusals-unknown-parameter-auth @refusals @cases
  Scenario Outline: Every operation of auth refuses a call with a parameter that it does not know
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                                                                 | caller    | status | code             |
      | authorize refuses a call with a parameter that it does not know                      | anonymous | 400    | invalid_request  |
      | beginBrowserLogin refuses a call with a parameter that it does not know              | anonymous | 400    | VALIDATION_ERROR |
      | completeBrowserLogin refuses a call with a parameter that it does not know           | anonymous | 400    | VALIDATION_ERROR |
      | deleteClient refuses a call with a parameter that it does not know                   | asha      | 400    | VALIDATION_ERROR |
      | deleteRole refuses a call with a parameter that it does not know                     | asha      | 400    | VALIDATION_ERROR |
      | endBrowserSession refuses a call with a parameter that it does not know              | anonymous | 400    | VALIDATION_ERROR |
      | endSession refuses a call with a parameter that it does not know                     | asha      | 400    | VALIDATION_ERROR |
      | enrolMultiFactor refuses a call with a parameter that it does not know               | asha      | 400    | VALIDATION_ERROR |
      | getAuthorizationServerMetadata refuses a call with a parameter that it does not know | anonymous | 400    | VALIDATION_ERROR |
      | getBrowserSession refuses a call with a parameter that it does not know              | anonymous | 400    | VALIDATION_ERROR |
      | getKeySet refuses a call with a parameter that it does not know                      | anonymous | 400    | VALIDATION_ERROR |
      | getOpenidConfiguration refuses a call with a parameter that it does not know         | anonymous | 400    | VALIDATION_ERROR |
      | getUser refuses a call with a parameter that it does not know                        | asha      | 400    | VALIDATION_ERROR |
      | getUserInfo refuses a call with a parameter that it does not know                    | asha      | 400    | VALIDATION_ERROR |
      | listApiKeys refuses a call with a parameter that it does not know                    | asha      | 400    | VALIDATION_ERROR |
      | listClients refuses a call with a parameter that it does not know                    | asha      | 400    | VALIDATION_ERROR |
      | listInvitations refuses a call with a parameter that it does not know                | asha      | 400    | VALIDATION_ERROR |
      | listRoles refuses a call with a parameter that it does not know                      | asha      | 400    | VALIDATION_ERROR |
      | listSessions refuses a call with a parameter that it does not know                   | asha      | 400    | VALIDATION_ERROR |
      | listUsers refuses a call with a parameter that it does not know                      | asha      | 400    | VALIDATION_ERROR |
      | logOut refuses a call with a parameter that it does not know                         | asha      | 400    | VALIDATION_ERROR |
      | logOutEverywhere refuses a call with a parameter that it does not know               | asha      | 400    | VALIDATION_ERROR |
      | reactivateUser refuses a call with a parameter that it does not know                 | asha      | 400    | VALIDATION_ERROR |
      | readTenantUser refuses a call with a parameter that it does not know                 | booking   | 400    | VALIDATION_ERROR |
      | removeUserFactor refuses a call with a parameter that it does not know               | asha      | 400    | VALIDATION_ERROR |
      | revokeApiKey refuses a call with a parameter that it does not know                   | asha      | 400    | VALIDATION_ERROR |
      | revokeInvitation refuses a call with a parameter that it does not know               | asha      | 400    | VALIDATION_ERROR |
      | rotateClientSecret refuses a call with a parameter that it does not know             | asha      | 400    | VALIDATION_ERROR |
      | suspendUser refuses a call with a parameter that it does not know                    | asha      | 400    | VALIDATION_ERROR |

  @refusals-unknown-parameter-booking @refusals @cases
  Scenario Outline: Every operation of booking refuses a call with a parameter that it does not know
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                                                      | caller | status | code             |
      | findNearestVehicles refuses a call with a parameter that it does not know | asha   | 400    | VALIDATION_ERROR |
      | getBooking refuses a call with a parameter that it does not know          | asha   | 400    | VALIDATION_ERROR |
      | getBookingHistory refuses a call with a parameter that it does not know   | asha   | 400    | VALIDATION_ERROR |
      | getContract refuses a call with a parameter that it does not know         | asha   | 400    | VALIDATION_ERROR |
      | getCredit refuses a call with a parameter that it does not know           | asha   | 400    | VALIDATION_ERROR |
      | getShipperSummary refuses a call with a parameter that it does not know   | asha   | 400    | VALIDATION_ERROR |
      | getVehicle refuses a call with a parameter that it does not know          | asha   | 400    | VALIDATION_ERROR |
      | listBookings refuses a call with a parameter that it does not know        | asha   | 400    | VALIDATION_ERROR |
      | listContracts refuses a call with a parameter that it does not know       | asha   | 400    | VALIDATION_ERROR |
      | listVehicles refuses a call with a parameter that it does not know        | asha   | 400    | VALIDATION_ERROR |

  @refusals-unknown-parameter-config @refusals @cases
  Scenario Outline: Every operation of config refuses a call with a parameter that it does not know
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                                                       | caller  | status | code             |
      | deleteDocument refuses a call with a parameter that it does not know       | asha    | 400    | VALIDATION_ERROR |
      | findOrigin refuses a call with a parameter that it does not know           | booking | 400    | VALIDATION_ERROR |
      | getDocument refuses a call with a parameter that it does not know          | asha    | 400    | VALIDATION_ERROR |
      | getDocumentVersion refuses a call with a parameter that it does not know   | asha    | 400    | VALIDATION_ERROR |
      | listDocumentVersions refuses a call with a parameter that it does not know | asha    | 400    | VALIDATION_ERROR |
      | readTenantDocument refuses a call with a parameter that it does not know   | booking | 400    | VALIDATION_ERROR |

  @refusals-too-often-auth @refusals @cases
  Scenario Outline: Every operation of auth refuses a call once too often
    Given The platform's administrator lets many calls from one address in
    And Narrow Lanes lets everybody call once
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                                         | caller | status | code         |
      | acceptInvitation refuses a call once too often               | nora   | 429    | RATE_LIMITED |
      | approveAuthorization refuses a call once too often           | nora   | 429    | RATE_LIMITED |
      | beginBrowserLogin refuses a call once too often              | nora   | 429    | RATE_LIMITED |
      | changePassword refuses a call once too often                 | nora   | 429    | RATE_LIMITED |
      | changeUserRoles refuses a call once too often                | nora   | 429    | RATE_LIMITED |
      | completeBrowserLogin refuses a call once too often           | nora   | 429    | RATE_LIMITED |
      | completeLogIn refuses a call once too often                  | nora   | 429    | RATE_LIMITED |
      | confirmMultiFactor refuses a call once too often             | nora   | 429    | RATE_LIMITED |
      | createApiKey refuses a call once too often                   | nora   | 429    | RATE_LIMITED |
      | createInvitation refuses a call once too often               | nora   | 429    | RATE_LIMITED |
      | createRole refuses a call once too often                     | nora   | 429    | RATE_LIMITED |
      | createTenant refuses a call once too often                   | nora   | 429    | RATE_LIMITED |
      | deleteClient refuses a call once too often                   | nora   | 429    | RATE_LIMITED |
      | deleteRole refuses a call once too often                     | nora   | 429    | RATE_LIMITED |
      | disableMultiFactor refuses a call once too often             | nora   | 429    | RATE_LIMITED |
      | endBrowserSession refuses a call once too often              | nora   | 429    | RATE_LIMITED |
      | endSession refuses a call once too often                     | nora   | 429    | RATE_LIMITED |
      | enrolMultiFactor refuses a call once too often               | nora   | 429    | RATE_LIMITED |
      | getAuthorizationServerMetadata refuses a call once too often | nora   | 429    | RATE_LIMITED |
      | getBrowserSession refuses a call once too often              | nora   | 429    | RATE_LIMITED |
      | getKeySet refuses a call once too often                      | nora   | 429    | RATE_LIMITED |
      | getOpenidConfiguration refuses a call once too often         | nora   | 429    | RATE_LIMITED |
      | getUser refuses a call once too often                        | nora   | 429    | RATE_LIMITED |
      | getUserInfo refuses a call once too often                    | nora   | 429    | RATE_LIMITED |
      | listApiKeys refuses a call once too often                    | nora   | 429    | RATE_LIMITED |
      | listClients refuses a call once too often                    | nora   | 429    | RATE_LIMITED |
      | listInvitations refuses a call once too often                | nora   | 429    | RATE_LIMITED |
      | listRoles refuses a call once too often                      | nora   | 429    | RATE_LIMITED |
      | listSessions refuses a call once too often                   | nora   | 429    | RATE_LIMITED |
      | listUsers refuses a call once too often                      | nora   | 429    | RATE_LIMITED |
      | logIn refuses a call once too often                          | nora   | 429    | RATE_LIMITED |
      | logOut refuses a call once too often                         | nora   | 429    | RATE_LIMITED |
      | logOutEverywhere refuses a call once too often               | nora   | 429    | RATE_LIMITED |
      | reactivateUser refuses a call once too often                 | nora   | 429    | RATE_LIMITED |
      | refreshTokens refuses a call once too often                  | nora   | 429    | RATE_LIMITED |
      | registerClient refuses a call once too often                 | nora   | 429    | RATE_LIMITED |
      | registerUser refuses a call once too often                   | nora   | 429    | RATE_LIMITED |
      | removeUserFactor refuses a call once too often               | nora   | 429    | RATE_LIMITED |
      | replaceBackupCodes refuses a call once too often             | nora   | 429    | RATE_LIMITED |
      | requestPasswordReset refuses a call once too often           | nora   | 429    | RATE_LIMITED |
      | resetPassword refuses a call once too often                  | nora   | 429    | RATE_LIMITED |
      | revokeApiKey refuses a call once too often                   | nora   | 429    | RATE_LIMITED |
      | revokeInvitation refuses a call once too often               | nora   | 429    | RATE_LIMITED |
      | rotateClientSecret refuses a call once too often             | nora   | 429    | RATE_LIMITED |
      | setIdentityProvider refuses a call once too often            | nora   | 429    | RATE_LIMITED |
      | suspendUser refuses a call once too often                    | nora   | 429    | RATE_LIMITED |
      | updateRole refuses a call once too often                     | nora   | 429    | RATE_LIMITED |

  @refusals-too-often-booking @refusals @cases
  Scenario Outline: Every operation of booking refuses a call once too often
    Given The platform's administrator lets many calls from one address in
    And Narrow Lanes lets everybody call once
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                                 | caller | status | code         |
      | assignVehicle refuses a call once too often          | nora   | 429    | RATE_LIMITED |
      | cancelBooking refuses a call once too often          | nora   | 429    | RATE_LIMITED |
      | completeTrip refuses a call once too often           | nora   | 429    | RATE_LIMITED |
      | confirmBooking refuses a call once too often         | nora   | 429    | RATE_LIMITED |
      | createBooking refuses a call once too often          | nora   | 429    | RATE_LIMITED |
      | createContract refuses a call once too often         | nora   | 429    | RATE_LIMITED |
      | endContract refuses a call once too often            | nora   | 429    | RATE_LIMITED |
      | findNearestVehicles refuses a call once too often    | nora   | 429    | RATE_LIMITED |
      | getBooking refuses a call once too often             | nora   | 429    | RATE_LIMITED |
      | getBookingHistory refuses a call once too often      | nora   | 429    | RATE_LIMITED |
      | getContract refuses a call once too often            | nora   | 429    | RATE_LIMITED |
      | getCredit refuses a call once too often              | nora   | 429    | RATE_LIMITED |
      | getShipperSummary refuses a call once too often      | nora   | 429    | RATE_LIMITED |
      | getVehicle refuses a call once too often             | nora   | 429    | RATE_LIMITED |
      | listBookings refuses a call once too often           | nora   | 429    | RATE_LIMITED |
      | listContracts refuses a call once too often          | nora   | 429    | RATE_LIMITED |
      | listVehicles refuses a call once too often           | nora   | 429    | RATE_LIMITED |
      | quotePrice refuses a call once too often             | nora   | 429    | RATE_LIMITED |
      | rateTrip refuses a call once too often               | nora   | 429    | RATE_LIMITED |
      | registerVehicle refuses a call once too often        | nora   | 429    | RATE_LIMITED |
      | rescheduleBooking refuses a call once too often      | nora   | 429    | RATE_LIMITED |
      | setVehicleAvailability refuses a call once too often | nora   | 429    | RATE_LIMITED |
      | startTrip refuses a call once too often              | nora   | 429    | RATE_LIMITED |

  @refusals-too-often-config @refusals @cases
  Scenario Outline: Every operation of config refuses a call once too often
    Given The platform's administrator lets many calls from one address in
    And Narrow Lanes lets everybody call once
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                               | caller | status | code         |
      | approveChange refuses a call once too often        | nora   | 429    | RATE_LIMITED |
      | deleteDocument refuses a call once too often       | nora   | 429    | RATE_LIMITED |
      | getDocument refuses a call once too often          | nora   | 429    | RATE_LIMITED |
      | getDocumentVersion refuses a call once too often   | nora   | 429    | RATE_LIMITED |
      | listDocumentVersions refuses a call once too often | nora   | 429    | RATE_LIMITED |
      | rollbackDocument refuses a call once too often     | nora   | 429    | RATE_LIMITED |
      | updateDocument refuses a call once too often       | nora   | 429    | RATE_LIMITED |
      | validateDocument refuses a call once too often     | nora   | 429    | RATE_LIMITED |

  @refusals-switched-off-auth @refusals @cases
  Scenario Outline: Every operation of auth refuses a call while it is switched off
    Given The platform's administrator lets many calls from one address in
    And Dim Lamps switches everything off
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                                                   | caller | status | code            |
      | acceptInvitation refuses a call while it is switched off               | dina   | 501    | NOT_IMPLEMENTED |
      | approveAuthorization refuses a call while it is switched off           | dina   | 501    | NOT_IMPLEMENTED |
      | beginBrowserLogin refuses a call while it is switched off              | dina   | 501    | NOT_IMPLEMENTED |
      | changePassword refuses a call while it is switched off                 | dina   | 501    | NOT_IMPLEMENTED |
      | changeUserRoles refuses a call while it is switched off                | dina   | 501    | NOT_IMPLEMENTED |
      | completeBrowserLogin refuses a call while it is switched off           | dina   | 501    | NOT_IMPLEMENTED |
      | completeLogIn refuses a call while it is switched off                  | dina   | 501    | NOT_IMPLEMENTED |
      | confirmMultiFactor refuses a call while it is switched off             | dina   | 501    | NOT_IMPLEMENTED |
      | createApiKey refuses a call while it is switched off                   | dina   | 501    | NOT_IMPLEMENTED |
      | createInvitation refuses a call while it is switched off               | dina   | 501    | NOT_IMPLEMENTED |
      | createRole refuses a call while it is switched off                     | dina   | 501    | NOT_IMPLEMENTED |
      | createTenant refuses a call while it is switched off                   | dina   | 501    | NOT_IMPLEMENTED |
      | deleteClient refuses a call while it is switched off                   | dina   | 501    | NOT_IMPLEMENTED |
      | deleteRole refuses a call while it is switched off                     | dina   | 501    | NOT_IMPLEMENTED |
      | disableMultiFactor refuses a call while it is switched off             | dina   | 501    | NOT_IMPLEMENTED |
      | endBrowserSession refuses a call while it is switched off              | dina   | 501    | NOT_IMPLEMENTED |
      | endSession refuses a call while it is switched off                     | dina   | 501    | NOT_IMPLEMENTED |
      | enrolMultiFactor refuses a call while it is switched off               | dina   | 501    | NOT_IMPLEMENTED |
      | getAuthorizationServerMetadata refuses a call while it is switched off | dina   | 501    | NOT_IMPLEMENTED |
      | getBrowserSession refuses a call while it is switched off              | dina   | 501    | NOT_IMPLEMENTED |
      | getKeySet refuses a call while it is switched off                      | dina   | 501    | NOT_IMPLEMENTED |
      | getOpenidConfiguration refuses a call while it is switched off         | dina   | 501    | NOT_IMPLEMENTED |
      | getUser refuses a call while it is switched off                        | dina   | 501    | NOT_IMPLEMENTED |
      | getUserInfo refuses a call while it is switched off                    | dina   | 501    | NOT_IMPLEMENTED |
      | listApiKeys refuses a call while it is switched off                    | dina   | 501    | NOT_IMPLEMENTED |
      | listClients refuses a call while it is switched off                    | dina   | 501    | NOT_IMPLEMENTED |
      | listInvitations refuses a call while it is switched off                | dina   | 501    | NOT_IMPLEMENTED |
      | listRoles refuses a call while it is switched off                      | dina   | 501    | NOT_IMPLEMENTED |
      | listSessions refuses a call while it is switched off                   | dina   | 501    | NOT_IMPLEMENTED |
      | listUsers refuses a call while it is switched off                      | dina   | 501    | NOT_IMPLEMENTED |
      | logIn refuses a call while it is switched off                          | dina   | 501    | NOT_IMPLEMENTED |
      | logOut refuses a call while it is switched off                         | dina   | 501    | NOT_IMPLEMENTED |
      | logOutEverywhere refuses a call while it is switched off               | dina   | 501    | NOT_IMPLEMENTED |
      | reactivateUser refuses a call while it is switched off                 | dina   | 501    | NOT_IMPLEMENTED |
      | refreshTokens refuses a call while it is switched off                  | dina   | 501    | NOT_IMPLEMENTED |
      | registerClient refuses a call while it is switched off                 | dina   | 501    | NOT_IMPLEMENTED |
      | registerUser refuses a call while it is switched off                   | dina   | 501    | NOT_IMPLEMENTED |
      | removeUserFactor refuses a call while it is switched off               | dina   | 501    | NOT_IMPLEMENTED |
      | replaceBackupCodes refuses a call while it is switched off             | dina   | 501    | NOT_IMPLEMENTED |
      | requestPasswordReset refuses a call while it is switched off           | dina   | 501    | NOT_IMPLEMENTED |
      | resetPassword refuses a call while it is switched off                  | dina   | 501    | NOT_IMPLEMENTED |
      | revokeApiKey refuses a call while it is switched off                   | dina   | 501    | NOT_IMPLEMENTED |
      | revokeInvitation refuses a call while it is switched off               | dina   | 501    | NOT_IMPLEMENTED |
      | rotateClientSecret refuses a call while it is switched off             | dina   | 501    | NOT_IMPLEMENTED |
      | setIdentityProvider refuses a call while it is switched off            | dina   | 501    | NOT_IMPLEMENTED |
      | suspendUser refuses a call while it is switched off                    | dina   | 501    | NOT_IMPLEMENTED |
      | updateRole refuses a call while it is switched off                     | dina   | 501    | NOT_IMPLEMENTED |

  @refusals-switched-off-booking @refusals @cases
  Scenario Outline: Every operation of booking refuses a call while it is switched off
    Given The platform's administrator lets many calls from one address in
    And Dim Lamps switches everything off
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                                           | caller | status | code            |
      | assignVehicle refuses a call while it is switched off          | dina   | 501    | NOT_IMPLEMENTED |
      | cancelBooking refuses a call while it is switched off          | dina   | 501    | NOT_IMPLEMENTED |
      | completeTrip refuses a call while it is switched off           | dina   | 501    | NOT_IMPLEMENTED |
      | confirmBooking refuses a call while it is switched off         | dina   | 501    | NOT_IMPLEMENTED |
      | createBooking refuses a call while it is switched off          | dina   | 501    | NOT_IMPLEMENTED |
      | createContract refuses a call while it is switched off         | dina   | 501    | NOT_IMPLEMENTED |
      | endContract refuses a call while it is switched off            | dina   | 501    | NOT_IMPLEMENTED |
      | findNearestVehicles refuses a call while it is switched off    | dina   | 501    | NOT_IMPLEMENTED |
      | getBooking refuses a call while it is switched off             | dina   | 501    | NOT_IMPLEMENTED |
      | getBookingHistory refuses a call while it is switched off      | dina   | 501    | NOT_IMPLEMENTED |
      | getContract refuses a call while it is switched off            | dina   | 501    | NOT_IMPLEMENTED |
      | getCredit refuses a call while it is switched off              | dina   | 501    | NOT_IMPLEMENTED |
      | getShipperSummary refuses a call while it is switched off      | dina   | 501    | NOT_IMPLEMENTED |
      | getVehicle refuses a call while it is switched off             | dina   | 501    | NOT_IMPLEMENTED |
      | listBookings refuses a call while it is switched off           | dina   | 501    | NOT_IMPLEMENTED |
      | listContracts refuses a call while it is switched off          | dina   | 501    | NOT_IMPLEMENTED |
      | listVehicles refuses a call while it is switched off           | dina   | 501    | NOT_IMPLEMENTED |
      | quotePrice refuses a call while it is switched off             | dina   | 501    | NOT_IMPLEMENTED |
      | rateTrip refuses a call while it is switched off               | dina   | 501    | NOT_IMPLEMENTED |
      | registerVehicle refuses a call while it is switched off        | dina   | 501    | NOT_IMPLEMENTED |
      | rescheduleBooking refuses a call while it is switched off      | dina   | 501    | NOT_IMPLEMENTED |
      | setVehicleAvailability refuses a call while it is switched off | dina   | 501    | NOT_IMPLEMENTED |
      | startTrip refuses a call while it is switched off              | dina   | 501    | NOT_IMPLEMENTED |

  @refusals-switched-off-config @refusals @cases
  Scenario Outline: Every operation of config refuses a call while it is switched off
    Given The platform's administrator lets many calls from one address in
    And Dim Lamps switches everything off
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                                         | caller | status | code            |
      | approveChange refuses a call while it is switched off        | dina   | 501    | NOT_IMPLEMENTED |
      | deleteDocument refuses a call while it is switched off       | dina   | 501    | NOT_IMPLEMENTED |
      | getDocument refuses a call while it is switched off          | dina   | 501    | NOT_IMPLEMENTED |
      | getDocumentVersion refuses a call while it is switched off   | dina   | 501    | NOT_IMPLEMENTED |
      | listDocumentVersions refuses a call while it is switched off | dina   | 501    | NOT_IMPLEMENTED |
      | rollbackDocument refuses a call while it is switched off     | dina   | 501    | NOT_IMPLEMENTED |
      | updateDocument refuses a call while it is switched off       | dina   | 501    | NOT_IMPLEMENTED |
      | validateDocument refuses a call while it is switched off     | dina   | 501    | NOT_IMPLEMENTED |
