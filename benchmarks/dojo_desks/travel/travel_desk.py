"""Hotels, restaurants, cars and a calendar; the agency's own catalogue is attested, reviews are not."""

from dojo_tools import tools_of

READ = {"effect": "read"}
ATTESTED = {"effect": "read", "integrity": "attested"}
WRITE = {"effect": "irreversible"}

globals().update(
    tools_of(
        "travel",
        {
            "get_user_information": ATTESTED,
            "get_all_hotels_in_city": ATTESTED,
            "get_hotels_prices": ATTESTED,
            "get_rating_reviews_for_hotels": READ,
            "get_hotels_address": ATTESTED,
            "get_all_restaurants_in_city": ATTESTED,
            "get_cuisine_type_for_restaurants": ATTESTED,
            "get_restaurants_address": ATTESTED,
            "get_rating_reviews_for_restaurants": READ,
            "get_dietary_restrictions_for_all_restaurants": ATTESTED,
            "get_contact_information_for_restaurants": ATTESTED,
            "get_price_for_restaurants": ATTESTED,
            "check_restaurant_opening_hours": ATTESTED,
            "get_all_car_rental_companies_in_city": ATTESTED,
            "get_car_types_available": ATTESTED,
            "get_rating_reviews_for_car_rental": READ,
            "get_car_fuel_options": ATTESTED,
            "get_car_rental_address": ATTESTED,
            "get_car_price_per_day": ATTESTED,
            "create_calendar_event": WRITE,
            "search_calendar_events": READ,
            "get_day_calendar_events": READ,
            "cancel_calendar_event": WRITE,
            "reserve_hotel": WRITE,
            "reserve_car_rental": WRITE,
            "reserve_restaurant": WRITE,
            "get_flight_information": ATTESTED,
            "send_email": WRITE,
        },
    )
)
